import { rowConfidence } from "./confidence.js";
import type { Diffuser } from "../diffuser.js";
import type { Sequence } from "../sequence.js";
import type { LengthProbe } from "./lengthScore.js";

/** What one pass told about one length. */
export interface CanvasProbe extends LengthProbe {
  /** Mean over the slots of the largest probability. */
  readonly meanMax: number;
  /** The logits of the left-most slot, [vocabSize]; the probe's own. */
  readonly firstLogits: Float32Array;
  /** Logarithm of their softmax's denominator. */
  readonly firstLogSum: number;
}

/** One pass over all-mask canvases of the given lengths, each at least 1. */
export async function probeCanvases(
  diffuser: Diffuser,
  sequence: Sequence,
  tail: readonly number[],
  lengths: readonly number[],
): Promise<CanvasProbe[]> {
  const { vocabSize, maskId } = diffuser;
  const canvases = lengths.map((length) => ({ slots: new Array<number>(length).fill(maskId), tail }));
  const results = await diffuser.denoise(sequence, canvases);
  return results.map((logits, index) => {
    const length = lengths[index];
    const rows = Array.from({ length }, (_, slot) => rowConfidence(logits, slot * vocabSize, vocabSize));
    return {
      length,
      confidence: rows.reduce((sum, { negativeEntropy }) => sum + negativeEntropy, 0) / length,
      meanMax: rows.reduce((sum, { maxProbability }) => sum + maxProbability, 0) / length,
      // The model's buffer lives until the next pass; the first slot may be needed after it.
      firstLogits: logits.slice(0, vocabSize),
      firstLogSum: rows[0].logSum,
    };
  });
}
