import { PLACE_KINDS } from "../../src/protocol/suggestionBars.js";
import { areaUnderCurve, FEATURES, fitBars, keysWithNewText, seenWith, type Seen } from "./cautionFit.js";
import type { TypedKey } from "./typedStretches.js";

/** What was suggested at the keys of a stretch of a file. */
export interface TypedStretch {
  readonly file: string;
  readonly keys: readonly TypedKey[];
}

/** Shares of right lines that levels are fitted to. */
export const WANTED = { balanced: 0.5, sure: 0.75 };
export const LEVELS = Object.keys(WANTED) as (keyof typeof WANTED)[];

/** What came of typing: how often suggestions are right, which bars that makes, and what is seen with them. */
export function summarizeCaution(stretches: readonly TypedStretch[]) {
  const typed = stretches.map(({ keys }) => keys);
  const keys = typed.flat();
  const shown = typed.flatMap(keysWithNewText);
  const byKind = <T>(valueOf: (ofKind: readonly TypedKey[]) => T): Record<string, T> =>
    Object.fromEntries(PLACE_KINDS.map((kind) => [kind, valueOf(shown.filter((key) => key.kind === kind))]));
  const byLevel = <T>(valueOf: (wanted: number) => T): Record<keyof typeof WANTED, T> =>
    Object.fromEntries(LEVELS.map((level) => [level, valueOf(WANTED[level])])) as Record<keyof typeof WANTED, T>;
  return {
    stretches: stretches.length,
    keys: keys.length,
    /** Of each kind: different suggestions, and those whose first line is right. */
    kinds: byKind((ofKind) => ({ shown: ofKind.length, right: ofKind.filter(({ isRight }) => isRight).length })),
    /** How well right lines are told from wrong ones, by each way to sum up the tokens. */
    areaUnderCurve: Object.fromEntries(
      Object.entries(FEATURES).map(([name, feature]) => [
        name,
        { all: areaUnderCurve(shown, feature), ...byKind((ofKind) => areaUnderCurve(ofKind, feature)) },
      ]),
    ),
    bars: byLevel((wanted) => fitBars(typed, wanted)),
    often: seenWith(typed),
    fitted: byLevel((wanted) => seenWith(typed, fitBars(typed, wanted))),
    heldOut: byLevel((wanted) => seenHeldOut(stretches, wanted)),
  };
}

/** What is seen where the bars of each half of the files are those that the other half was fitted to. */
function seenHeldOut(stretches: readonly TypedStretch[], wanted: number): Seen {
  const names = [...new Set(stretches.map(({ file }) => file))].sort();
  const isFirst = ({ file }: TypedStretch): boolean => names.indexOf(file) % 2 === 0;
  const halves = [stretches.filter(isFirst), stretches.filter((stretch) => !isFirst(stretch))].map((half) => half.map(({ keys }) => keys));
  const seen = halves.map((half, index) => seenWith(half, fitBars(halves[1 - index], wanted)));
  const keys = seen[0].keys + seen[1].keys;
  const mean = (valueOf: (each: Seen) => number): number => seen.reduce((sum, each) => sum + valueOf(each) * each.keys, 0) / keys;
  const shown = mean((each) => each.shown);
  return { keys, shown, right: mean((each) => (each.shown === 0 ? 0 : each.right * each.shown)) / shown, changes: mean((each) => each.changes) };
}
