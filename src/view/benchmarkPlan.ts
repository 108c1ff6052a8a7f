import { median } from "../base/median.js";
import type { RaceReport } from "../measure/raceReport.js";
import { samenessOfPrompts } from "../measure/samenessWords.js";
import { speedup } from "../measure/speedup.js";
import { times } from "../measure/gain.js";

/** Fewer characters before a place than this make no prompt. */
const LEAST_PREFIX = 200;

/** Places of a text to complete: ends of lines that are not blank, evenly over the text; fewer when it is short. */
export function benchmarkOffsets(text: string, count: number): number[] {
  const ends = [...text.matchAll(/\S[ \t]*(?=\r?\n)/g)].map(({ index }) => index + 1).filter((offset) => offset >= LEAST_PREFIX);
  const chosen = Array.from({ length: Math.min(count, ends.length) }, (_, index) => ends[Math.floor((index * ends.length) / count)]);
  return [...new Set(chosen)];
}

/** What the races at several places say, in a few sentences. @param races of one round, those left out that have no speed-up */
export function benchmarkSummary(races: readonly Pick<RaceReport, "ar" | "deer" | "lossless" | "compared" | "plainDiffersFrom">[]): string {
  const ratio = speedup(races.map(({ ar, deer }) => ({ plain: [ar.tokensPerSecond], drafted: [deer.tokensPerSecond] })));
  if (ratio === undefined) return "The models wrote too little at the places in this file to measure anything.";
  const [deer, ar] = [median(races.map((race) => race.deer.tokensPerSecond)), median(races.map((race) => race.ar.tokensPerSecond))];
  const speeds = `${Math.round(deer)} tokens/s against ${Math.round(ar)} while writing, medians over ${races.length} places in this file`;
  const said = `On this machine decoding with drafts is ${times(ratio)} as fast as decoding one token a pass: ${speeds}.`;
  return [said, ...samenessOfPrompts(races)].join(" ");
}
