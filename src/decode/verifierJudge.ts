import type { Judge } from "./adaptive.js";
import { fixedBlock } from "./blockSize.js";
import { rowConfidence } from "./confidence.js";
import { KnownDrafter } from "./knownDraft.js";
import { lookupDrafter } from "./lookupDraft.js";
import { createRandom } from "./random.js";
import { speculate } from "./speculate.js";
import type { Verifier } from "./verifier.js";

/** Tokens of a draft that a repetition suggests. */
const LOOKED_UP = 7;

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

  /** See `Judge`: greedy decoding, speculating on `draft` and on repetitions. */
  async ownMiddle(draft: readonly number[], mostTokens: number): Promise<readonly number[] | undefined> {
    const sources = [
      { drafter: new KnownDrafter(this.#context.length, [...draft, this.#endId]), blockSizer: fixedBlock(draft.length + 1) },
      { drafter: lookupDrafter, blockSizer: fixedBlock(LOOKED_UP) },
    ];
    const options = { eosId: this.#endId, maxTokens: mostTokens, rule: { temperature: 0, topP: 1 }, random: createRandom(0) };
    const tokens: number[] = [];
    for await (const block of speculate(this.#verifier, this.#context, sources, options)) tokens.push(...block);
    // A middle as long as this was cut, not ended.
    return tokens.length > 0 && tokens.length < mostTokens ? tokens : undefined;
  }
}
