/**
 * The autoregressive model as the decoders see it. Stateless: the caller names the whole sequence every
 * time, and the model's adapter works out how much of it is still in its cache.
 */
export interface Verifier {
  readonly vocabSize: number;
  /**
   * One forward pass over the part of `sequence` that is not cached.
   *
   * @param sequence token ids, the prompt and everything after it; at least `rows` long
   * @param rows how many positions are wanted, counted from the end; at least 1
   * @returns logits [rows, vocabSize], row-major; row r scores the token that follows
   *   `sequence[sequence.length - rows + r]`. The model owns the buffer: valid until its next call.
   */
  next(sequence: readonly number[], rows: number): Promise<Float32Array>;
}
