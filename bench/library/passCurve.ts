import type { PassTime } from "../../src/protocol/messages.js";
import { median } from "../../src/base/median.js";

/** What a pass over more tokens costs, against a pass over one. */
export interface PassCurvePoint {
  readonly context: number;
  readonly tokens: number;
  /** Milliseconds, median. */
  readonly verifyMs: number;
  readonly draftMs: number;
  /** The verifier's t(m) / t(1); t(1) is the plain one-token pass. */
  readonly verifyRatio: number;
}

/** Sizes of the passes that are timed. */
export const PASS_SIZES = [1, 2, 4, 8, 12, 16, 24, 32];

/** @param times of which the first is of one token */
export function passCurve(context: number, times: readonly PassTime[]): PassCurvePoint[] {
  const single = median(times[0].verifyMs);
  return times.map(({ tokens, verifyMs, draftMs }) => ({
    context,
    tokens,
    verifyMs: median(verifyMs),
    draftMs: median(draftMs),
    verifyRatio: median(verifyMs) / single,
  }));
}
