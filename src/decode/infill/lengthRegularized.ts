import { Canvas } from "./canvas.js";
import type { Diffuser } from "../diffuser.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { probeCanvases, type CanvasProbe } from "./lengthProbe.js";
import { lengthDrift, probeLengths, rankLengths, regularizedScore, STRICT_MARGIN } from "./lengthScore.js";
import { chooseIndex } from "../sample.js";

/**
 * Fills a hole whose length is not given, with any masked diffusion model.
 *
 * Stage I scores all-mask spans of 1, 2, 4, ... slots in one pass, fits the drift of the score with ln L and takes
 * it out; the best length begins. Stage II keeps the drift, climbs to the best of L - 1, L, L + 1 until L is best,
 * and commits the left-most slot from the pass that found it best; then again behind that token.
 *
 * Yields after every pass; stop it between passes with `return()`.
 *
 * Source: LR-DLLM, arXiv 2602.07546.
 */
export async function* infillLengthRegularized(diffuser: Diffuser, task: InfillTask): InfillDecoder {
  const maxLength = Math.min(task.maxTokens, diffuser.maxSlots);
  const canvas = new Canvas(0, task.maxTokens);
  const probe = (lengths: readonly number[]): Promise<CanvasProbe[]> =>
    probeCanvases(diffuser, { layout: task.layout, written: canvas.committed }, task.tail, lengths);

  const probes = await probe(probeLengths(Math.min(task.minTokens, maxLength), maxLength));
  const drift = lengthDrift(probes);
  const candidates = rankLengths(probes, drift);
  const initialLength = candidates[0].length;
  let length = initialLength;
  canvas.resizeTail(length);
  yield { slots: canvas.slots };

  while (length > 0 && canvas.committed.length < task.maxTokens) {
    const limit = Math.min(maxLength, task.maxTokens - canvas.committed.length);
    // More tokens than a canvas may have slots are reached over several canvases.
    const least = Math.min(limit, Math.max(1, task.minTokens - canvas.committed.length));
    const seen = new Map<number, CanvasProbe>();
    length = Math.max(least, Math.min(length, limit));
    for (;;) {
      const unseen = [length - 1, length, length + 1].filter((near) => near >= least && near <= limit && !seen.has(near));
      for (const probed of unseen.length > 0 ? await probe(unseen) : []) seen.set(probed.length, probed);
      const better = climb(seen, length, drift);
      if (better === length) break;
      length = better;
      canvas.resizeTail(length);
      if (unseen.length > 0) yield { slots: canvas.slots };
    }
    const { firstLogits, firstLogSum } = seen.get(length) as CanvasProbe;
    const token = chooseToken(firstLogits, task);
    canvas.resizeTail(length);
    canvas.commitLeftmost(token, Math.exp(firstLogits[token] - firstLogSum));
    length -= 1;
    yield { slots: canvas.slots };
  }
  return { tokens: canvas.committed, initialLength, candidates, alternatives: [] };
}

/** The better of the two neighbours if it beats `length` by the margin, else `length`; the shorter one in a tie. */
function climb(seen: ReadonlyMap<number, CanvasProbe>, length: number, drift: number): number {
  let best = length;
  let bar = regularizedScore(seen.get(length) as CanvasProbe, drift) + STRICT_MARGIN;
  for (const near of [length - 1, length + 1]) {
    const probed = seen.get(near);
    if (probed === undefined || regularizedScore(probed, drift) <= bar) continue;
    best = near;
    bar = regularizedScore(probed, drift);
  }
  return best;
}

/** Draws a token for one slot; overwrites the logits of forbidden ids. */
function chooseToken(logits: Float32Array, { forbidden, rule, random }: InfillTask): number {
  for (const id of forbidden) logits[id] = -Infinity;
  return chooseIndex(logits, 0, logits.length, rule, random, new Float64Array(logits.length));
}
