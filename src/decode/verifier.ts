import type { Sequence } from "./sequence.js";

/**
 * The autoregressive model as the decoders see it. Stateless: the caller names the whole sequence every
 * time, and the model's adapter works out how much of it is still in its cache.
 */
export interface Verifier {
  readonly vocabSize: number;
  /** Each of these ids ends a text. */
  readonly ends: ReadonlySet<number>;
  /**
   * One forward pass over the part of `sequence` that is not cached.
   *
   * @param rows how many positions are wanted, counted from the end; at least 1, and at most one more than tokens are begun and written
   * @returns logits [rows, vocabSize], row-major; row r scores the token that follows all but the last `rows - 1 - r` tokens. What
   *   must never be written has -Infinity. The model owns the buffer: valid until its next call.
   */
  next(sequence: Sequence, rows: number): Promise<Float32Array>;
}
