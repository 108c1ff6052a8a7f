import type { Verifier } from "../../decode/verifier.js";

/** Natural logarithms of what is so far below the best that it adds nothing to a sum. */
const NEGLIGIBLE = 20;

/** How likely the verifier found the tokens that were committed: from the logits of its latest pass, at no further pass. */
export class TokenLikelihoods {
  readonly #verifier: Verifier;
  #logits: Float32Array = new Float32Array(0);
  /** Rows of the latest pass that belong to tokens committed since. */
  #used = 0;

  constructor(verifier: Verifier) {
    this.#verifier = verifier;
  }

  /** The verifier, its passes watched. */
  get watched(): Verifier {
    const { vocabSize, ends } = this.#verifier;
    const next: Verifier["next"] = async (sequence, rows) => {
      this.#logits = await this.#verifier.next(sequence, rows);
      this.#used = 0;
      return this.#logits;
    };
    return { vocabSize, ends, next };
  }

  /** Of the next token that the latest pass led to. @returns natural logarithm of its probability, at most 0 */
  of(token: number): number {
    const logProb = logProbability(this.#logits, this.#used * this.#verifier.vocabSize, this.#verifier.vocabSize, token);
    this.#used += 1;
    return logProb;
  }

  /** Of the end after them: of the likeliest of the tokens that end a text. */
  ofEnd(): number {
    const { vocabSize, ends } = this.#verifier;
    return Math.max(...[...ends].map((end) => logProbability(this.#logits, this.#used * vocabSize, vocabSize, end)));
  }
}

/** @param logits [..., size], the row's from `offset` on; -Infinity means impossible */
export function logProbability(logits: Float32Array, offset: number, size: number, token: number): number {
  let max = -Infinity;
  for (let index = offset; index < offset + size; index += 1) if (logits[index] > max) max = logits[index];
  let sum = 0;
  for (let index = offset; index < offset + size; index += 1) if (logits[index] > max - NEGLIGIBLE) sum += Math.exp(logits[index] - max);
  return logits[offset + token] - max - Math.log(sum);
}
