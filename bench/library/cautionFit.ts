import { PLACE_KINDS, type Bars, type PlaceKind } from "../../src/protocol/suggestionBars.js";
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
/** Fewer suggestions than this above a bar say nothing of it; and of a kind of place, which fits what is chance more easily. */
const [FEWEST, FEWEST_OF_KIND] = [10, 50];
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
 * A kind where no bar reaches it with enough suggestions above it has the bar of all kinds together; where they have none either, the
 * likelihood is taken at its word: the bar is `wanted`.
 */
export function fitBars(stretches: readonly (readonly TypedKey[])[], wanted: number): Bars {
  const keys = stretches.flatMap(withSuggestion);
  const common = fitBar(keys, wanted, FEWEST) ?? wanted;
  const ofKind = (kind: PlaceKind): ShownKey[] => keys.filter((key) => key.kind === kind);
  return Object.fromEntries(PLACE_KINDS.map((kind) => [kind, fitBar(ofKind(kind), wanted, FEWEST_OF_KIND) ?? common])) as Bars;
}

/** A key with text, and the key at which that text came. */
interface ShownKey {
  readonly kind: PlaceKind;
  readonly isRight: boolean;
  readonly likelihood: number;
  readonly since: TypedKey;
}

/** The keys of a stretch at which another text came than what was left of the one before. */
export function keysWithNewText(stretch: readonly TypedKey[]): TypedKey[] {
  return stretch.filter((key) => key.shown !== undefined && withSuggestion(stretch).some(({ since }) => since === key));
}

/** Those keys of a stretch that have text. Typed on, a suggestion stays the same one. */
function withSuggestion(stretch: readonly TypedKey[]): ShownKey[] {
  let since: TypedKey | undefined;
  return stretch.flatMap((key, index) => {
    const rest = restAfter(stretch[index - 1]?.shown, key);
    since = rest === undefined || since === undefined ? key : since;
    return key.shown === undefined ? [] : [{ kind: key.kind, isRight: key.isRight, likelihood: FEATURES.product(key.logProbs), since }];
  });
}

/** What is left of a text once a key was typed, if the key still shows it. */
function restAfter(left: string | undefined, { typed, shown }: TypedKey): string | undefined {
  const rest = left?.startsWith(typed) === true ? left.slice(typed.length) : "";
  return rest !== "" && shown?.startsWith(rest) === true ? rest : undefined;
}

function fitBar(keys: readonly ShownKey[], wanted: number, fewest: number): number | undefined {
  for (const bar of [0, ...GRID]) {
    const above = keys.filter(({ likelihood }) => likelihood >= bar);
    if (new Set(above.map(({ since }) => since)).size < fewest) break;
    if (above.filter(({ isRight }) => isRight).length >= wanted * above.length) return bar;
  }
  return undefined;
}

/** What is seen with such bars: a text that was shown once stays while what is typed fits it, however likely it is. */
export function seenWith(stretches: readonly (readonly TypedKey[])[], bars: Bars = NO_BARS): Seen {
  let [keys, shown, right, changes] = [0, 0, 0, 0];
  for (const stretch of stretches) {
    let left: string | undefined;
    for (const key of stretch) {
      keys += 1;
      const isKept = restAfter(left, key) !== undefined;
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
