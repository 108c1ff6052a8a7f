import { setTimeout as pause } from "node:timers/promises";
import { median, quantile } from "../../src/base/median.js";
import type { EngineClient } from "../../src/client/engineClient.js";
import type { MeasuredPlace } from "./places.js";

/** What a person waits for, through the engine's process. Milliseconds. */
export interface Requests {
  /** From one more typed character to the first accepted text, all caches warm. */
  readonly firstText: { readonly p50: number; readonly p90: number; readonly count: number };
  /** From cancelling a completion in progress to its answer. */
  readonly cancel: { readonly p50: number; readonly max: number };
  /** First text in a file of so many characters, nothing cached, and after one more typed character. */
  readonly bySize: readonly { readonly characters: number; readonly coldMs: number; readonly warmMs: number }[];
  readonly residentMiB: number;
  /** Processor milliseconds that the engine took in two seconds without requests. */
  readonly idleCpuMs: number;
}

const REQUEST = { maxTokens: 64, temperature: 0, topP: 1, seed: 1, decoder: "deer", block: "auto" } as const;
const SIZES = [5_000, 50_000, 200_000, 1_000_000];
const SIZE_REPEATS = 9;
const IDLE_MS = 2000;

/** @param texts long files, joined, for the sizes */
export async function measureRequests(engine: EngineClient, places: readonly MeasuredPlace[], text: string): Promise<Requests> {
  const first: number[] = [];
  const cancels: number[] = [];
  for (const { prefix, suffix } of places) {
    await firstText(engine, prefix.slice(0, -1), suffix);
    first.push((await firstText(engine, prefix, suffix)).ms);
    cancels.push((await firstText(engine, `${prefix}x`, suffix)).cancelMs);
  }
  const bySize = [];
  for (const characters of SIZES) {
    const cold: number[] = [];
    const warm: number[] = [];
    for (let repeat = 0; repeat < SIZE_REPEATS; repeat += 1) {
      // Another place each time, so that nothing of it is cached.
      const middle = Math.floor(characters * (0.3 + 0.05 * repeat));
      const document = text.slice(0, characters);
      cold.push((await firstText(engine, document.slice(0, middle), document.slice(middle))).ms);
      warm.push((await firstText(engine, `${document.slice(0, middle)}x`, document.slice(middle))).ms);
    }
    bySize.push({ characters, coldMs: median(cold), warmMs: median(warm) });
  }
  // What the last request left to clean up is not idleness.
  await pause(IDLE_MS);
  const before = await engine.usage();
  await pause(IDLE_MS);
  const after = await engine.usage();
  return {
    firstText: { p50: quantile(first, 0.5), p90: quantile(first, 0.9), count: first.length },
    cancel: { p50: quantile(cancels, 0.5), max: Math.max(...cancels) },
    bySize,
    residentMiB: after.residentBytes / 2 ** 20,
    idleCpuMs: after.cpuMs - before.cpuMs,
  };
}

/** Asks, cancels at the first text, and waits for the answer. Where no text comes, the answer's time counts as its. */
async function firstText(engine: EngineClient, prefix: string, suffix: string): Promise<{ ms: number; cancelMs: number }> {
  const controller = new AbortController();
  const start = performance.now();
  let at: number | undefined;
  const onText = (): void => {
    at ??= performance.now();
    controller.abort();
  };
  await engine.complete({ ...REQUEST, prefix, suffix }, { signal: controller.signal, onText });
  const end = performance.now();
  return { ms: (at ?? end) - start, cancelMs: end - (at ?? end) };
}
