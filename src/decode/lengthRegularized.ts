import { Canvas } from "./canvas.js";
import { negativeEntropy } from "./confidence.js";
import type { Diffuser } from "./diffuser.js";
import { lengthDrift, probeLengths, regularizedScore, type LengthProbe, type ScoredLength } from "./lengthScore.js";
import type { Random } from "./random.js";
import { chooseIndex, type SamplingRule } from "./sample.js";

/** A score must be higher by more than this to be better: two probes tie but for rounding. */
const STRICT_MARGIN = 1e-12;

/** A hole and how to fill it. */
export interface InfillTask {
  /** Token ids before the hole: the whole prompt. */
  readonly context: readonly number[];
  /** Token ids right behind the canvas: how the model knows that the text meets its suffix there. */
  readonly tail: readonly number[];
  /** Most tokens the middle may have, at least 1. */
  readonly maxTokens: number;
  /** Ids never committed: end of text, masks and the like. */
  readonly forbidden: readonly number[];
  /** Published: temperature 0.2, top-p 0.9. */
  readonly rule: SamplingRule;
  readonly random: Random;
}

/** One forward pass and what it led to. */
export interface InfillStep {
  /** The token committed after this pass; undefined when the pass only scored lengths. */
  readonly token: number | undefined;
  /** Slots that are still undecided. */
  readonly undecided: number;
}

export interface InfillOutcome {
  readonly tokens: readonly number[];
  /** Forward passes over canvases. */
  readonly forwards: number;
  /** Length that stage I chose. */
  readonly initialLength: number;
  /** The probes of stage I, best first. */
  readonly candidates: readonly ScoredLength[];
}

/** What one pass told about one length: its confidence, and what it would commit to the left-most slot. */
interface CanvasProbe extends LengthProbe {
  readonly firstLogits: Float32Array;
}

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
export async function* infillLengthRegularized(diffuser: Diffuser, task: InfillTask): AsyncGenerator<InfillStep, InfillOutcome> {
  const maxLength = Math.min(task.maxTokens, diffuser.maxSlots);
  const canvas = new Canvas(0, task.maxTokens);
  let forwards = 0;
  const probe = (lengths: readonly number[]): Promise<CanvasProbe[]> => {
    forwards += 1;
    return probeCanvases(diffuser, task.context.concat(canvas.committed), task.tail, lengths);
  };

  const probes = await probe(probeLengths(maxLength));
  const drift = lengthDrift(probes);
  const candidates = probes
    .map((probed) => ({ length: probed.length, score: regularizedScore(probed, drift) }))
    .sort((a, b) => (Math.abs(b.score - a.score) <= STRICT_MARGIN ? a.length - b.length : b.score - a.score));
  const initialLength = candidates[0].length;
  let length = initialLength;
  yield { token: undefined, undecided: length };

  while (length > 0 && canvas.committed.length < task.maxTokens) {
    const limit = Math.min(maxLength, task.maxTokens - canvas.committed.length);
    const seen = new Map<number, CanvasProbe>();
    length = Math.min(length, limit);
    for (;;) {
      const unseen = [length - 1, length, length + 1].filter((near) => near >= 1 && near <= limit && !seen.has(near));
      for (const probed of unseen.length > 0 ? await probe(unseen) : []) seen.set(probed.length, probed);
      const better = climb(seen, length, drift);
      if (better === length) break;
      length = better;
      if (unseen.length > 0) yield { token: undefined, undecided: length };
    }
    const token = chooseToken((seen.get(length) as CanvasProbe).firstLogits, task);
    canvas.resizeTail(length);
    canvas.commitLeftmost(token);
    length -= 1;
    yield { token, undecided: length };
  }
  return { tokens: canvas.committed, forwards, initialLength, candidates };
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

/** One pass over all-mask canvases of the given lengths. */
async function probeCanvases(
  diffuser: Diffuser,
  context: readonly number[],
  tail: readonly number[],
  lengths: readonly number[],
): Promise<CanvasProbe[]> {
  const { vocabSize, maskId } = diffuser;
  const canvases = lengths.map((length) => ({ slots: new Array<number>(length).fill(maskId), tail }));
  const results = await diffuser.denoise(context, canvases);
  return results.map((logits, index) => {
    const length = lengths[index];
    let total = 0;
    for (let slot = 0; slot < length; slot += 1) total += negativeEntropy(logits, slot * vocabSize, vocabSize);
    // The model's buffer lives until the next pass; the first slot may be needed after it.
    return { length, confidence: total / length, firstLogits: logits.slice(0, vocabSize) };
  });
}

/** Draws a token for one slot; overwrites the logits of forbidden ids. */
function chooseToken(logits: Float32Array, { forbidden, rule, random }: InfillTask): number {
  for (const id of forbidden) logits[id] = -Infinity;
  return chooseIndex(logits, 0, logits.length, rule, random, new Float64Array(logits.length));
}
