import type { Sequence } from "../sequence.js";
import type { Verifier } from "../verifier.js";
import { rowConfidence } from "./confidence.js";
import { endChance } from "./endChance.js";

/** How far a logit may lie from itself after it was a probability. */
const ROUNDING = 1e-3;

/** A verifier that notes, wherever it is asked what comes next, with which chance its greedy text would end or go on there. */
export class EndWatch implements Verifier {
  readonly vocabSize: number;
  readonly ends: ReadonlySet<number>;
  readonly #inner: Verifier;
  /** By the number of tokens written: the logarithms of the chance of an end, and of the likeliest token that is none. */
  readonly #noted = new Map<number, { readonly end: number; readonly further: number }>();

  constructor(inner: Verifier) {
    this.#inner = inner;
    this.vocabSize = inner.vocabSize;
    this.ends = inner.ends;
  }

  /** See `Verifier`. */
  async next(sequence: Sequence, rows: number): Promise<Float32Array> {
    const logits = await this.#inner.next(sequence, rows);
    const first = sequence.written.length - rows + 1;
    for (let row = 0; row < rows; row += 1) this.#noted.set(first + row, this.#chances(logits, row * this.vocabSize));
    return logits;
  }

  /** The logarithm of the chance of an end behind so many written tokens, as it was last noted; -Infinity where it was not. */
  chanceAt(length: number): number {
    return this.#noted.get(length)?.end ?? -Infinity;
  }

  /** The logarithm of the chance of the token that stands there, if it is the likeliest one that is no end; 0 where none was noted. */
  furtherAt(length: number): number {
    return this.#noted.get(length)?.further ?? 0;
  }

  #chances(logits: Float32Array, offset: number): { readonly end: number; readonly further: number } {
    const { logSum, maxProbability } = rowConfidence(logits, offset, this.vocabSize);
    let most = Math.log(maxProbability) + logSum;
    if ([...this.ends].some((id) => logits[offset + id] >= most - ROUNDING)) {
      most = -Infinity;
      for (let id = 0; id < this.vocabSize; id += 1) if (logits[offset + id] > most && !this.ends.has(id)) most = logits[offset + id];
    }
    return { end: endChance(logits, offset, logSum, this.ends), further: most - logSum };
  }
}
