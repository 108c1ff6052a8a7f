import type { Sequence } from "../sequence.js";
import type { Verifier } from "../verifier.js";
import { rowConfidence } from "./confidence.js";

/** A verifier that notes, wherever it is asked what comes next, with which chance its text would end there. */
export class EndWatch implements Verifier {
  readonly vocabSize: number;
  readonly ends: ReadonlySet<number>;
  readonly #inner: Verifier;
  /** By the number of tokens written. */
  readonly #chances = new Map<number, number>();

  constructor(inner: Verifier) {
    this.#inner = inner;
    this.vocabSize = inner.vocabSize;
    this.ends = inner.ends;
  }

  /** See `Verifier`. */
  async next(sequence: Sequence, rows: number): Promise<Float32Array> {
    const logits = await this.#inner.next(sequence, rows);
    for (let row = 0; row < rows; row += 1) this.#chances.set(sequence.written.length - rows + 1 + row, this.#chanceIn(logits, row * this.vocabSize));
    return logits;
  }

  /** The logarithm of the chance of an end behind so many written tokens, as it was last noted; -Infinity where it was not. */
  chanceAt(length: number): number {
    return this.#chances.get(length) ?? -Infinity;
  }

  #chanceIn(logits: Float32Array, offset: number): number {
    const { logSum } = rowConfidence(logits, offset, this.vocabSize);
    let chance = 0;
    for (const end of this.ends) chance += Math.exp(logits[offset + end] - logSum);
    return Math.log(chance);
  }
}
