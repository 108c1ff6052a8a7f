import type { Diffuser } from "../diffuser.js";
import type { Sequence } from "../sequence.js";
import type { Random } from "../../base/random.js";
import { argmax, distribution, drawIndex, type SamplingRule } from "../sample.js";

/** Tokens proposed to the verifier. */
export interface Draft {
  readonly tokens: readonly number[];
  /**
   * The distributions the tokens were drawn from, one [vocabSize] for each; undefined when each token is certain
   * (a point mass), as an arg-max or a look-up is.
   */
  readonly proposals: readonly Float64Array[] | undefined;
}

/** One verify, as a drafter may learn from it. */
export interface ObservedVerify {
  /** Before the draft. */
  readonly sequence: Sequence;
  readonly drafted: readonly number[];
  /** How many drafted tokens stand. */
  readonly kept: number;
  /** The verifier's logits, [drafted.length + 1, vocabSize]; valid during the call. */
  readonly logits: Float32Array;
}

/** Whatever proposes tokens. What it proposes changes how fast text comes, never which. */
export interface Drafter {
  /** At most `length` tokens to follow `sequence`; fewer, or none, if there is nothing more to propose. */
  draft(sequence: Sequence, length: number): Promise<Draft>;
  /** Learns what the verifier said of a draft, whoever made it; absent where nothing is learned. */
  observe?(verdict: ObservedVerify): void;
}

/**
 * Drafts by diffusion: one denoising pass over masks and the "text goes on" marker, every slot on its own.
 *
 * With temperature 0 the arg-max of each slot is proposed. Otherwise each slot is drawn from its distribution under
 * `rule`. Nothing is proposed after an end of text.
 *
 * Source: DEER, arXiv 2512.15176.
 */
export class DiffusionDrafter implements Drafter {
  readonly #diffuser: Diffuser;
  readonly #endId: number;
  readonly #rule: SamplingRule;
  readonly #random: Random;

  constructor(diffuser: Diffuser, endId: number, rule: SamplingRule, random: Random) {
    this.#diffuser = diffuser;
    this.#endId = endId;
    this.#rule = rule;
    this.#random = random;
  }

  async draft(sequence: Sequence, wanted: number): Promise<Draft> {
    const { vocabSize, maskId, sepId, maxSlots } = this.#diffuser;
    const length = Math.min(wanted, maxSlots);
    if (length === 0) return { tokens: [], proposals: undefined };
    const slots = new Array<number>(length).fill(maskId);
    const [logits] = await this.#diffuser.denoise(sequence, [{ slots, tail: [sepId] }]);
    const tokens: number[] = [];
    const proposals: Float64Array[] = [];
    for (let slot = 0; slot < length && tokens.at(-1) !== this.#endId; slot += 1) {
      if (this.#rule.temperature === 0) {
        tokens.push(argmax(logits, slot * vocabSize, vocabSize));
        continue;
      }
      const proposal = new Float64Array(vocabSize);
      distribution(logits, slot * vocabSize, vocabSize, this.#rule, proposal);
      proposals.push(proposal);
      tokens.push(drawIndex(proposal, vocabSize, this.#random));
    }
    return { tokens, proposals: this.#rule.temperature === 0 ? undefined : proposals };
  }
}
