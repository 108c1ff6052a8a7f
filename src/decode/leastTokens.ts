import type { Sequence } from "./sequence.js";
import type { Verifier } from "./verifier.js";

/** A verifier that ends no text before so many tokens are written. */
export class LeastTokens implements Verifier {
  readonly vocabSize: number;
  readonly ends: ReadonlySet<number>;
  readonly #inner: Verifier;
  readonly #least: number;

  /** @param least 0 for no bound */
  constructor(inner: Verifier, least: number) {
    this.#inner = inner;
    this.#least = least;
    this.vocabSize = inner.vocabSize;
    this.ends = inner.ends;
  }

  /** See `Verifier`. The ends of rows that come too soon have -Infinity. */
  async next(sequence: Sequence, rows: number): Promise<Float32Array> {
    const logits = await this.#inner.next(sequence, rows);
    for (let row = 0; row < rows; row += 1) {
      if (sequence.written.length - rows + 1 + row >= this.#least) continue;
      for (const end of this.ends) logits[row * this.vocabSize + end] = -Infinity;
    }
    return logits;
  }
}
