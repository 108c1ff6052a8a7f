import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SoakResult } from "./host/soak/soakRun.js";

type Soaked = SoakResult & { readonly events: number; readonly seed: number; readonly seconds: number; readonly rejections: number };

/** Writes what a soak printed, with where it was measured, as `result.json` into a folder. */
export function writeSoakRecord(folder: string, provenance: object, printed: string): void {
  const { problems, engineBytes, hostHeapBytes, ...soaked } = JSON.parse(printed) as Soaked;
  const results = { ...soaked, mismatches: problems.length, problems, engine: memoryOf(engineBytes), hostHeap: memoryOf(hostHeapBytes) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "result.json"), `${JSON.stringify({ benchmark: "soak", ...provenance, results }, undefined, 2)}\n`);
}

/** Mean bytes in the second, third and last quarter of the samples that are any (in the first all warms up), and the most. */
function memoryOf(samples: readonly number[]): object {
  const sizes = samples.filter((bytes) => bytes > 0);
  const meanOf = (quarter: number): number => {
    const part = sizes.slice(Math.floor((quarter * sizes.length) / 4), Math.floor(((quarter + 1) * sizes.length) / 4));
    return Math.round(part.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, part.length));
  };
  const [, early, middle, late] = [0, 1, 2, 3].map(meanOf);
  return { samples: sizes.length, earlyBytes: early, middleBytes: middle, lateBytes: late, mostBytes: Math.max(0, ...sizes) };
}
