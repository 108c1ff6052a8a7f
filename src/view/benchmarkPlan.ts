import { median } from "../base/median.js";
import type { SpeedPair } from "../measure/speedRecord.js";
import { times } from "./statusView.js";

/** Fewer characters before a place than this make no prompt. */
const LEAST_PREFIX = 200;

/** Places of a text to complete: ends of lines that are not blank, evenly over the text; fewer when it is short. */
export function benchmarkOffsets(text: string, count: number): number[] {
  const ends = [...text.matchAll(/\S[ \t]*(?=\r?\n)/g)].map(({ index }) => index + 1).filter((offset) => offset >= LEAST_PREFIX);
  const chosen = Array.from({ length: Math.min(count, ends.length) }, (_, index) => ends[Math.floor((index * ends.length) / count)]);
  return [...new Set(chosen)];
}

/** What the measurement says, in a sentence or two. @param pairs at least one */
export function benchmarkSummary(pairs: readonly SpeedPair[]): string {
  const ratio = median(pairs.map(({ ar, deer }) => deer / ar));
  const [deer, ar] = [median(pairs.map((pair) => pair.deer)), median(pairs.map((pair) => pair.ar))];
  const speeds = `${Math.round(deer)} tokens/s against ${Math.round(ar)}, median of ${pairs.length} prompts from the file in front`;
  return `On this machine, drafts make the same text come ${times(ratio)} as fast: ${speeds}.`;
}
