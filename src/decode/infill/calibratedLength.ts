import type { Diffuser } from "../diffuser.js";
import { infillFixedLength } from "./fixedLength.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { probeCanvases } from "./lengthProbe.js";
import { mostConfident } from "./slotReading.js";

/** Constants of B(L) = a e^(-bL) + c e^(-dL) + e, fitted once per diffuser: how confidence falls with length where nothing is meant. */
export interface LengthBias {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
}

const FIRST_LENGTH = 16;
/** As published. */
const MOST_MISSES = 4;

/** B(L), at least 1 slot long. */
export function biasAt({ a, b, c, d, e }: LengthBias, length: number): number {
  return a * Math.exp(-b * length) + c * Math.exp(-d * length) + e;
}

/**
 * Finds the length by climbing on Phi(L) / B(L), Phi the mean largest probability of an all-mask canvas: upwards and
 * downwards by one, a side ending after four lengths that are no better; then fills as many slots, one a pass.
 *
 * Source: CAL, arXiv 2602.00476.
 */
export async function* infillCalibrated(diffuser: Diffuser, task: InfillTask, bias: LengthBias): InfillDecoder {
  const least = task.minTokens;
  const most = Math.min(task.maxTokens, diffuser.maxSlots);
  const scores = new Map<number, number>();
  const first = Math.max(least, Math.min(most, FIRST_LENGTH));
  let best = first;
  const score = async (lengths: readonly number[]): Promise<void> => {
    for (const { length, meanMax } of await probeCanvases(diffuser, { layout: task.layout, written: [] }, task.tail, lengths)) {
      scores.set(length, meanMax / biasAt(bias, length));
    }
  };
  await score([first]);
  const sides = [1, -1].map((direction) => ({ direction, at: first, best: scores.get(first) ?? 0, misses: 0 }));
  for (;;) {
    const open = sides.filter(({ direction, at, misses }) => misses < MOST_MISSES && at + direction >= least && at + direction <= most);
    if (open.length === 0) break;
    await score(open.map(({ direction, at }) => at + direction));
    for (const side of open) {
      side.at += side.direction;
      const value = scores.get(side.at) ?? 0;
      side.misses = value > side.best ? 0 : side.misses + 1;
      side.best = Math.max(side.best, value);
      if (value > (scores.get(best) ?? 0)) best = side.at;
    }
    yield { slots: new Array(best).fill({ token: undefined, confidence: 0 }) };
  }
  const candidates = [...scores].map(([length, value]) => ({ length, score: value })).sort((a, b) => b.score - a.score);
  const filled = yield* infillFixedLength(diffuser, task, best, mostConfident);
  return { ...filled, candidates };
}
