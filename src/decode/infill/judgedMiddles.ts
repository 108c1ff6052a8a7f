import { Canvas } from "./canvas.js";
import type { InfillTask, RankedMiddle } from "./infillTask.js";

/** What is less probable than the answer by more than this, in nats, is no alternative to it. */
const MOST_BEHIND = 16;

/** What judges complete middles. */
export interface Judge {
  /** For each middle a score, higher is better; scores of middles of different lengths compare. */
  score(middles: readonly (readonly number[])[]): Promise<readonly number[]>;
  /** Middles that the judge itself would write, of at least `leastTokens` and at most `mostTokens`. */
  ownMiddles(leastTokens: number, mostTokens: number): Promise<readonly (readonly number[])[]>;
}

/** Middles, each once, best first, without those that are far behind the best. One alone is not scored. @param middles at least one */
export async function rankMiddles(middles: readonly (readonly number[])[], judge: Judge): Promise<readonly RankedMiddle[]> {
  const seen = new Set<string>();
  const distinct = middles.filter((middle) => !seen.has(middle.join()) && seen.add(middle.join()));
  if (distinct.length === 1) return [{ tokens: distinct[0], score: undefined }];
  const scores = await judge.score(distinct);
  const ranked = distinct.map((tokens, index) => ({ tokens, score: scores[index] })).sort((a, b) => b.score - a.score);
  return ranked.filter(({ score }) => ranked[0].score - score <= MOST_BEHIND);
}

/** Whether a middle keeps to the bounds of a task. */
export function isAllowed(middle: readonly number[], { minTokens, maxTokens, forbidden }: InfillTask): boolean {
  return middle.length >= minTokens && middle.length <= maxTokens && !middle.some((token) => forbidden.includes(token));
}

/** A canvas that holds a whole middle. */
export function settledCanvas(middle: readonly number[]): Canvas {
  const canvas = new Canvas(middle.length, middle.length);
  middle.forEach((token, slot) => canvas.commit(slot, token, 1));
  return canvas;
}
