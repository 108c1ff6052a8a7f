import type { Judge } from "./adaptive.js";
import { rowConfidence } from "./confidence.js";
import type { Verifier } from "./verifier.js";

/**
 * Judges middles by the verifier: the log-probability of the whole middle and of its end, given the code on both sides.
 *
 * Being whole texts, middles of different lengths compare: each ends where the verifier must say that it ends.
 */
export class VerifierJudge implements Judge {
  readonly #verifier: Verifier;
  readonly #context: readonly number[];
  readonly #endId: number;

  /** @param context token ids before the hole: the whole prompt */
  constructor(verifier: Verifier, context: readonly number[], endId: number) {
    this.#verifier = verifier;
    this.#context = context;
    this.#endId = endId;
  }

  async score(middles: readonly (readonly number[])[]): Promise<number[]> {
    const { vocabSize } = this.#verifier;
    const scores: number[] = [];
    for (const middle of middles) {
      const logits = await this.#verifier.next(this.#context.concat(middle), middle.length + 1);
      let score = 0;
      [...middle, this.#endId].forEach((token, row) => {
        score += logits[row * vocabSize + token] - rowConfidence(logits, row * vocabSize, vocabSize).logSum;
      });
      scores.push(score);
    }
    return scores;
  }
}
