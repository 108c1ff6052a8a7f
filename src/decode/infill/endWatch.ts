import type { Sequence } from "../sequence.js";
import type { Verifier } from "../verifier.js";
import { endChance } from "./endChance.js";

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
    const first = sequence.written.length - rows + 1;
    for (let row = 0; row < rows; row += 1) this.#chances.set(first + row, endChance(logits, row * this.vocabSize, this.vocabSize, this.ends));
    return logits;
  }

  /** The logarithm of the chance of an end behind so many written tokens, as it was last noted; -Infinity where it was not. */
  chanceAt(length: number): number {
    return this.#chances.get(length) ?? -Infinity;
  }
}
