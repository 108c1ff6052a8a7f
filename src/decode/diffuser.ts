/**
 * A span being written, with what follows it immediately.
 *
 * For drafting, `tail` is `[sep]` (the text goes on). For infilling it is
 * `[fimSuffix, ...first tokens of the suffix]` (the text meets its suffix here).
 */
export interface CanvasInput {
  /** Token ids of the slots; the mask id where a slot is undecided. */
  readonly slots: readonly number[];
  readonly tail: readonly number[];
}

/** The masked diffusion model as the decoders see it. Stateless, like `Verifier`. */
export interface Diffuser {
  readonly vocabSize: number;
  readonly maskId: number;
  readonly sepId: number;
  /** Longest canvas, in slots, that the model was trained for. */
  readonly maxSlots: number;
  /**
   * One forward pass over all `canvases`, each on its own after the same `context`: canvases do not see
   * each other, and the context does not see them.
   *
   * @param context token ids before the canvas: the whole prompt and what was committed after it
   * @returns for each canvas logits [slots.length, vocabSize], row-major; row i scores slot i itself
   *   (unshifted). The model owns the buffers: valid until its next call.
   */
  denoise(context: readonly number[], canvases: readonly CanvasInput[]): Promise<Float32Array[]>;
}
