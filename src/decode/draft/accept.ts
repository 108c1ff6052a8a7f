import type { Draft } from "./draft.js";
import type { Random } from "../../base/random.js";
import { argmax, chooseIndex, distribution, drawIndex, type SamplingRule } from "../sample.js";

/** What the verifier makes of a draft. */
export interface Verdict {
  /** How many drafted tokens stand. */
  readonly accepted: number;
  /** The verifier's own token after them: the correction at the first rejection, or the bonus after a whole draft. */
  readonly next: number;
}

/**
 * Decides how much of a draft stands, so that the text follows the verifier's own distribution under `rule` exactly.
 *
 * A drafted token x with proposal q stands with probability min(1, p(x) / q(x)); at the first one that falls, a token is
 * drawn from max(0, p - q), rescaled, and the rest of the draft is dropped. With temperature 0, p is a point mass and
 * this is the comparison with the arg-max.
 *
 * @param logits the verifier's, [draft.tokens.length + 1, vocabSize]; row i scores the place of drafted token i
 * @param probabilities scratch of the caller, [vocabSize]
 *
 * Source: Leviathan et al., arXiv 2211.17192; that it must stop at the first rejection is not in DEER's listing.
 */
export function acceptDraft(
  draft: Draft,
  logits: Float32Array,
  vocabSize: number,
  rule: SamplingRule,
  random: Random,
  probabilities: Float64Array,
): Verdict {
  if (rule.temperature === 0) return acceptGreedily(draft.tokens, logits, vocabSize);
  for (let index = 0; index < draft.tokens.length; index += 1) {
    distribution(logits, index * vocabSize, vocabSize, rule, probabilities);
    const token = draft.tokens[index];
    const proposal = draft.proposals?.[index];
    const wanted = probabilities[token];
    const proposed = proposal === undefined ? 1 : proposal[token];
    const stands = wanted >= proposed || (wanted > 0 && random.next() < wanted / proposed);
    if (!stands) return { accepted: index, next: drawResidual(probabilities, token, proposal, vocabSize, random) };
  }
  const next = chooseIndex(logits, draft.tokens.length * vocabSize, vocabSize, rule, random, probabilities);
  return { accepted: draft.tokens.length, next };
}

/** Keeps the drafted tokens that are the verifier's arg-max, up to the first that is not. */
function acceptGreedily(tokens: readonly number[], logits: Float32Array, vocabSize: number): Verdict {
  for (let index = 0; ; index += 1) {
    const next = argmax(logits, index * vocabSize, vocabSize);
    if (index === tokens.length || tokens[index] !== next) return { accepted: index, next };
  }
}

/** Draws from max(0, p - q), rescaled; overwrites `probabilities` (p). */
function drawResidual(probabilities: Float64Array, token: number, proposal: Float64Array | undefined, vocabSize: number, random: Random): number {
  let total = 0;
  for (let index = 0; index < vocabSize; index += 1) {
    const taken = proposal === undefined ? (index === token ? 1 : 0) : proposal[index];
    probabilities[index] = Math.max(0, probabilities[index] - taken);
    total += probabilities[index];
  }
  for (let index = 0; index < vocabSize; index += 1) probabilities[index] /= total;
  return drawIndex(probabilities, vocabSize, random);
}
