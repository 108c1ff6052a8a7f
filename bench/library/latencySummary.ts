import type { KeystrokeResult } from "./keystrokeReplay.js";
import { quantile } from "../../src/base/median.js";
import type { Plot } from "./plot.js";
import type { KeystrokeOutcome } from "./typist.js";

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface LatencySummary {
  readonly keystrokes: number;
  /** Shares of all keystrokes, by outcome. */
  readonly shares: Readonly<Record<KeystrokeOutcome, number>>;
  /** Milliseconds from a keystroke to the engine's first text, where it came before the next keystroke. */
  readonly firstTextMs: Percentiles | undefined;
  /** The same with the keystrokes that were served from the last suggestion. */
  readonly firstTextOrCachedMs: Percentiles | undefined;
  readonly passesPerKeystroke: number;
  /** Share of all forward passes in requests that were cut off before they showed anything. */
  readonly wastedPasses: number;
  /** Processor seconds for 1,000 keystrokes. */
  readonly engineCpuSeconds: number;
  readonly clientCpuSeconds: number;
  /** How far behind its time the replay was, in ms. */
  readonly lagMs: Percentiles;
}

const OUTCOMES: readonly KeystrokeOutcome[] = ["cached", "answered", "late", "empty"];

/** @param results at least one */
export function summarizeLatency(results: readonly KeystrokeResult[]): LatencySummary {
  const sum = (valueOf: (result: KeystrokeResult) => number): number => results.reduce((total, result) => total + valueOf(result), 0);
  const share = (outcome: KeystrokeOutcome): number => results.filter((result) => result.outcome === outcome).length / results.length;
  const times = (outcomes: readonly KeystrokeOutcome[]): number[] =>
    results.filter(({ outcome }) => outcomes.includes(outcome)).flatMap(({ firstTextMs }) => firstTextMs ?? []);
  const passes = sum((result) => result.passes);
  // Milliseconds a keystroke are seconds for a thousand.
  return {
    keystrokes: results.length,
    shares: { cached: share("cached"), answered: share("answered"), late: share("late"), empty: share("empty") },
    firstTextMs: percentiles(times(["answered"])),
    firstTextOrCachedMs: percentiles(times(["answered", "cached"])),
    passesPerKeystroke: passes / results.length,
    wastedPasses: passes === 0 ? 0 : sum((result) => result.wastedPasses) / passes,
    engineCpuSeconds: sum((result) => result.engineCpuMs) / results.length,
    clientCpuSeconds: sum((result) => result.clientCpuMs) / results.length,
    lagMs: percentiles(results.map(({ lagMs }) => lagMs)) as Percentiles,
  };
}

function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  return { p50: quantile(values, 0.5), p90: quantile(values, 0.9), p99: quantile(values, 0.99) };
}

/** How first texts are spread, and what became of the keystrokes. */
export function latencyPlots(results: readonly KeystrokeResult[]): Plot[] {
  const times = results
    .filter(({ outcome }) => outcome === "answered")
    .map(({ firstTextMs }) => firstTextMs ?? 0)
    .sort((a, b) => a - b);
  const curve = times.map((ms, index) => ({ ms, share: (index + 1) / times.length }));
  const counts = OUTCOMES.map((outcome) => ({ outcome, keystrokes: results.filter((result) => result.outcome === outcome).length }));
  return [
    {
      name: "first-text",
      spec: {
        title: "From a keystroke to the engine's first text",
        width: 420,
        height: 280,
        data: { values: curve },
        mark: { type: "line", interpolate: "step-after" },
        encoding: {
          x: { field: "ms", type: "quantitative", title: "milliseconds" },
          y: { field: "share", type: "quantitative", title: "share of answered keystrokes", axis: { format: ".0%" } },
        },
      },
    },
    {
      name: "keystrokes",
      spec: {
        title: "What became of the keystrokes",
        width: 420,
        height: 120,
        data: { values: counts },
        mark: { type: "bar" },
        encoding: {
          x: { field: "keystrokes", type: "quantitative", title: "keystrokes" },
          y: { field: "outcome", type: "nominal", sort: null, title: null },
        },
      },
    },
  ];
}
