import type { Sequence } from "./sequence.js";

/**
 * A span being written, with what follows it immediately.
 *
 * For drafting, `tail` is `[sep]` (the text goes on). For infilling it is a marker and the first tokens of the suffix (the text
 * meets its suffix here).
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
   * One forward pass over all `canvases`, each on its own after the same `sequence`: canvases do not see
   * each other, and the sequence does not see them.
   *
   * @param sequence all that stands before the canvas, what was committed included
   * @returns for each canvas logits [slots.length, vocabSize], row-major; row i scores slot i itself
   *   (unshifted). The model owns the buffers: valid until its next call.
   */
  denoise(sequence: Sequence, canvases: readonly CanvasInput[]): Promise<Float32Array[]>;
}
