import { assert } from "../base/assert.js";
import type { Random } from "../base/random.js";

/** How a token is chosen from logits. */
export interface SamplingRule {
  /** At least 0; 0 takes the most probable token, and `topP` then means nothing. */
  readonly temperature: number;
  /** In (0, 1]: only the fewest most probable tokens that reach this sum; 1 keeps every token. */
  readonly topP: number;
}

/**
 * Index of the largest of `size` logits from `offset` on; of equal ones the lowest.
 *
 * @returns index in [0, size)
 */
export function argmax(logits: Float32Array, offset: number, size: number): number {
  let best = -1;
  let max = -Infinity;
  for (let index = 0; index < size; index += 1) {
    const logit = logits[offset + index];
    if (logit > max) {
      max = logit;
      best = index;
    }
  }
  assert(best >= 0, "a row without a usable logit");
  return best;
}

/**
 * Writes what `rule` makes of a row of logits: softmax(logits / temperature), then top-p. Temperature 0 gives a point
 * mass on the arg-max.
 *
 * @param logits [..., size], the row's from `offset` on; -Infinity means impossible
 * @param into [size], the caller's; sums to 1 within rounding
 */
export function distribution(logits: Float32Array, offset: number, size: number, rule: SamplingRule, into: Float64Array): void {
  const { temperature, topP } = rule;
  assert(temperature >= 0 && topP > 0 && topP <= 1, `temperature ${temperature}, top-p ${topP}`);
  const best = argmax(logits, offset, size);
  if (temperature === 0) {
    into.fill(0, 0, size);
    into[best] = 1;
    return;
  }
  const max = logits[offset + best];
  for (let index = 0; index < size; index += 1) into[index] = Math.exp((logits[offset + index] - max) / temperature);
  scaleToOne(into, size);
  if (topP < 1) keepTopP(into, size, topP);
}

/**
 * Draws an index with its probability. Spends a number of `random` unless only one index is possible.
 *
 * @param probabilities the first `size` count; finite and at least 0, not all 0; they need not sum to 1
 */
export function drawIndex(probabilities: Float64Array, size: number, random: Random): number {
  let total = 0;
  let possible = 0;
  let last = -1;
  for (let index = 0; index < size; index += 1) {
    if (probabilities[index] === 0) continue;
    total += probabilities[index];
    possible += 1;
    last = index;
  }
  assert(total > 0 && total < Infinity, `probabilities that sum to ${total}`);
  if (possible === 1) return last;
  let left = random.next() * total;
  for (let index = 0; index < last; index += 1) {
    left -= probabilities[index];
    if (left < 0) return index;
  }
  return last;
}

/**
 * Draws a token from what `rule` makes of a row of logits; with temperature 0 the arg-max, with no work for the rest.
 *
 * @param scratch [size], the caller's, overwritten unless the temperature is 0
 * @returns index in [0, size)
 */
export function chooseIndex(logits: Float32Array, offset: number, size: number, rule: SamplingRule, random: Random, scratch: Float64Array): number {
  if (rule.temperature === 0) return argmax(logits, offset, size);
  distribution(logits, offset, size, rule, scratch);
  return drawIndex(scratch, size, random);
}

/** Zeroes all but the fewest most probable entries that reach `topP`; of equal ones at the edge the lowest indices stay. */
function keepTopP(probabilities: Float64Array, size: number, topP: number): void {
  // Entries below this cannot, all together, hold 1 - topP, so only the others need sorting. Halved, to stay clear of rounding.
  const negligible = (1 - topP) / size / 2;
  const sorted = probabilities
    .subarray(0, size)
    .filter((probability) => probability >= negligible)
    .sort();
  let first = sorted.length;
  for (let mass = 0; first > 0 && mass < topP;) mass += sorted[--first];
  const edge = sorted[first];
  let equalsLeft = sorted.subarray(first).lastIndexOf(edge) + 1;
  for (let index = 0; index < size; index += 1) {
    if (probabilities[index] > edge) continue;
    if (probabilities[index] === edge && equalsLeft > 0) equalsLeft -= 1;
    else probabilities[index] = 0;
  }
  scaleToOne(probabilities, size);
}

function scaleToOne(weights: Float64Array, size: number): void {
  let total = 0;
  for (let index = 0; index < size; index += 1) total += weights[index];
  for (let index = 0; index < size; index += 1) weights[index] /= total;
}
