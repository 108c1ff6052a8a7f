/** The score of a span at one length: A(L), the mean confidence of its slots. */
export interface LengthProbe {
  readonly length: number;
  readonly confidence: number;
}

/** Lengths with their scores freed of the drift with length. */
export interface ScoredLength {
  readonly length: number;
  /** CL(L) = A(L) - k ln L; higher is better. */
  readonly score: number;
}

/** Scores must differ by more than this to be different: two probes tie but for rounding. */
export const STRICT_MARGIN = 1e-12;

/** The lengths that stage I probes: powers of two from `minLength` to `maxLength`, and `minLength` itself; at least 1. */
export function probeLengths(minLength: number, maxLength: number): number[] {
  const lengths = [minLength];
  for (let length = 1; length <= maxLength; length *= 2) if (length > minLength) lengths.push(length);
  return lengths;
}

/** All probed lengths by their scores, the best first; of equal ones the shorter. */
export function rankLengths(probes: readonly LengthProbe[], drift: number): ScoredLength[] {
  return probes
    .map((probe) => ({ length: probe.length, score: regularizedScore(probe, drift) }))
    .sort((a, b) => (Math.abs(b.score - a.score) <= STRICT_MARGIN ? a.length - b.length : b.score - a.score));
}

/**
 * The drift k of A(L) with ln L: the slope of the least-squares line with intercept through all probes.
 * 0 when there are fewer than two lengths to tell it from.
 *
 * Source: LR-DLLM, arXiv 2602.07546, stage I.
 */
export function lengthDrift(probes: readonly LengthProbe[]): number {
  if (new Set(probes.map(({ length }) => length)).size < 2) return 0;
  const meanX = mean(probes.map(({ length }) => Math.log(length)));
  const meanY = mean(probes.map(({ confidence }) => confidence));
  let covariance = 0;
  let variance = 0;
  for (const { length, confidence } of probes) {
    covariance += (Math.log(length) - meanX) * (confidence - meanY);
    variance += (Math.log(length) - meanX) ** 2;
  }
  return covariance / variance;
}

/** CL at one length. */
export function regularizedScore({ length, confidence }: LengthProbe, drift: number): number {
  return confidence - drift * Math.log(length);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
