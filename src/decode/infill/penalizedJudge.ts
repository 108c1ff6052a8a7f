import type { Judge } from "./judgedMiddles.js";

/** A judge that takes something off the scores of another. */
export class PenalizedJudge implements Judge {
  readonly #inner: Judge;
  readonly #penaltyOf: (middle: readonly number[]) => number;

  /** @param penaltyOf in the units of the inner judge's scores, at least 0 */
  constructor(inner: Judge, penaltyOf: (middle: readonly number[]) => number) {
    this.#inner = inner;
    this.#penaltyOf = penaltyOf;
  }

  async score(middles: readonly (readonly number[])[]): Promise<number[]> {
    const scores = await this.#inner.score(middles);
    return middles.map((middle, index) => scores[index] - this.#penaltyOf(middle));
  }

  ownMiddles(leastTokens: number, mostTokens: number): ReturnType<Judge["ownMiddles"]> {
    return this.#inner.ownMiddles(leastTokens, mostTokens);
  }
}
