import type { GhostRecord } from "../../test/vscode/editor/ghostWatch.js";

/** `kept`: what was on screen went on to fit. `fresh`: other text came. `none`: no ghost text before the next key. */
export interface KeyLatency {
  readonly key: string;
  readonly kind: "kept" | "fresh" | "none";
  /** From the key going down to ghost text behind what it typed; undefined when there was none. */
  readonly ms?: number;
}

/** When ghost text stood behind what each key had typed, the keys one after another. */
export function keyLatencies({ keys, samples }: GhostRecord): KeyLatency[] {
  return keys.map(({ atMs, key }, index) => {
    const before = samples.filter((sample) => sample.atMs <= atMs).at(-1);
    const untilMs = keys[index + 1]?.atMs ?? Infinity;
    const shown = samples.find((sample) => sample.atMs > atMs && sample.atMs < untilMs && sample.ghost !== "" && sample.typed !== before?.typed);
    if (shown === undefined) return { key, kind: "none" };
    const isKept = before !== undefined && before.ghost.length > 1 && before.ghost.slice(1).trim() === shown.ghost.trim();
    return { key, kind: isKept ? "kept" : "fresh", ms: Math.round((shown.atMs - atMs) * 10) / 10 };
  });
}

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
}

/** Median and 90th percentile, by the nearest rank. */
export function summarize(values: readonly number[]): LatencySummary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number | undefined => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return { count: sorted.length, p50Ms: at(0.5), p90Ms: at(0.9) };
}
