import { PLACE_KINDS, type Bars } from "../../src/protocol/suggestionBars.js";
import type { TypedKey } from "./typedStretches.js";

/** What a person sees of suggestions. */
export interface Seen {
  readonly keys: number;
  /** Share of keys with text. */
  readonly shown: number;
  /** Of these, the share whose first line is the one that was typed next. */
  readonly right: number;
  /** Keys with another text than what was left of the one before, for a hundred keys. */
  readonly changes: number;
}

const NO_BARS: Bars = { lineEnd: 0, middle: 0, comment: 0, prose: 0 };
/** Fewer right and wrong lines than this say nothing of a bar. */
const FEWEST = 15;
/** Bars that are tried. */
const GRID = Array.from({ length: 98 }, (_, index) => (index + 1) / 100);

/** How likely a line is, by several ways to sum up its tokens; see `LineLikelihood`. */
export const FEATURES: Readonly<Record<string, (logProbs: readonly number[]) => number>> = {
  product: (logProbs) => Math.exp(sum(logProbs)),
  productWithoutEnd: (logProbs) => Math.exp(sum(logProbs.slice(0, -1))),
  geometricMean: (logProbs) => Math.exp(sum(logProbs) / Math.max(1, logProbs.length)),
  least: (logProbs) => Math.exp(Math.min(0, ...logProbs)),
  first: (logProbs) => Math.exp(logProbs[0] ?? 0),
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The chance that a right line has a higher value than a wrong one; 0.5 says nothing. NaN where all are alike. */
export function areaUnderCurve(keys: readonly TypedKey[], feature: (logProbs: readonly number[]) => number): number {
  const [right, wrong] = [true, false].map((isRight) => keys.filter((key) => key.isRight === isRight).map(({ logProbs }) => feature(logProbs)));
  let wins = 0;
  for (const one of right) for (const other of wrong) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (right.length * wrong.length);
}

/**
 * The lowest bar above which the share of right lines is at least `wanted`, by kind of place.
 *
 * Where no bar reaches it, or few lines are above it, the bar with the largest share is taken.
 */
export function fitBars(keys: readonly TypedKey[], wanted: number): Bars {
  const fitted = PLACE_KINDS.map((kind) => [
    kind,
    fitBar(
      keys.filter((key) => key.kind === kind && key.shown !== undefined),
      wanted,
    ),
  ]);
  return Object.fromEntries(fitted) as Bars;
}

function fitBar(shown: readonly TypedKey[], wanted: number): number {
  let best = { bar: 0, share: 0 };
  for (const bar of [0, ...GRID]) {
    const above = shown.filter(({ logProbs }) => FEATURES.product(logProbs) >= bar);
    if (above.length < FEWEST) break;
    const share = above.filter(({ isRight }) => isRight).length / above.length;
    if (share >= wanted) return bar;
    if (share > best.share) best = { bar, share };
  }
  return best.bar;
}

/** What is seen with such bars: a text that was shown once stays while what is typed fits it, however likely it is. */
export function seenWith(stretches: readonly (readonly TypedKey[])[], bars: Bars = NO_BARS): Seen {
  let [keys, shown, right, changes] = [0, 0, 0, 0];
  for (const stretch of stretches) {
    let left: string | undefined;
    for (const key of stretch) {
      keys += 1;
      const rest = left?.startsWith(key.typed) === true ? left.slice(key.typed.length) : undefined;
      const isKept = rest !== undefined && rest !== "" && key.shown?.startsWith(rest) === true;
      const text = isKept || FEATURES.product(key.logProbs) >= bars[key.kind] ? key.shown : undefined;
      left = text;
      if (text === undefined) continue;
      shown += 1;
      right += key.isRight ? 1 : 0;
      changes += isKept ? 0 : 1;
    }
  }
  return { keys, shown: shown / keys, right: right / shown, changes: (100 * changes) / keys };
}
