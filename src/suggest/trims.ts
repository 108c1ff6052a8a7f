import { fitClosers, withoutOpenEnd } from "./closers.js";
import { withoutJunk } from "./junk.js";
import { withoutPhraseLoops } from "./phraseLoops.js";
import { withoutPieceLoops } from "./pieceLoops.js";
import { withoutEcho, withoutLineLoops, withoutLineSuffix, withoutRepeatedLineAbove, withoutRepeatedLinesBelow } from "./repeatedLines.js";
import { cutToExtent, MOST_LINES, type SuggestionExtent } from "./suggestionExtent.js";
import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";
import { withoutGluedWord, withoutSuffixStart } from "./words.js";

/** Why a text is not shown. */
export type TextRefusal =
  | "The model wrote nothing here."
  | "The suggestion was only white space."
  | "The suggestion repeated the line above."
  | "The suggestion repeated the lines below."
  | "The suggestion repeated what stands behind the cursor."
  | "The suggestion closed more than was open."
  | "The suggestion opened what it did not close."
  | "The suggestion was indented wrongly."
  | "The suggestion was not text of a file."
  | "The suggestion repeated itself."
  | "The suggestion would have run into the next word."
  | "The cursor is inside a word.";

/** A way to make a text shorter. What more text could make different waits; @param isEnded says that no more comes. */
type Trim = (text: string, around: Surroundings, isEnded: boolean) => Trimmed;

interface NamedTrim {
  readonly trim: Trim;
  /** Why a text is refused of which nothing is left. */
  readonly refusal: TextRefusal;
}

const named = (refusal: TextRefusal, trim: Trim): NamedTrim => ({ trim, refusal });

const JUNK = named("The suggestion was not text of a file.", withoutJunk);
const LOOPS = [withoutLineLoops, withoutPieceLoops, withoutPhraseLoops].map((trim) => named("The suggestion repeated itself.", trim));
const LINE_SUFFIX = named("The suggestion repeated what stands behind the cursor.", withoutLineSuffix);
const closers = (mayReplace: boolean): NamedTrim =>
  named("The suggestion closed more than was open.", (text, around, isEnded) => {
    const { text: shown, isCut } = fitClosers(text, around, mayReplace);
    return { text: shown, isCut: isCut || (isEnded && shown !== text) };
  });

/** What a suggestion of some extent passes through. */
export function trimsOfSuggestion(extent: SuggestionExtent): readonly NamedTrim[] {
  return [
    JUNK,
    named("The suggestion was only white space.", (text, around, isEnded) => cutToExtent(text, around, extent, MOST_LINES, isEnded)),
    named("The suggestion repeated the lines below.", withoutRepeatedLinesBelow),
    named("The suggestion repeated the line above.", withoutRepeatedLineAbove),
    ...LOOPS,
    LINE_SUFFIX,
    named("The suggestion repeated what stands behind the cursor.", withoutSuffixStart),
    closers(true),
    named("The suggestion would have run into the next word.", withoutGluedWord),
  ];
}

/** What the text of a hole passes through: it has whatever extent it has, and is asked for although it may repeat a line. */
export const TRIMS_OF_FILL: readonly NamedTrim[] = [
  JUNK,
  named("The suggestion repeated the lines below.", withoutEcho),
  ...LOOPS,
  LINE_SUFFIX,
  closers(false),
  named("The suggestion opened what it did not close.", withoutOpenEnd),
];

/** A text after some trims, one after the other, or why nothing is left of it. */
export function throughTrims(trims: readonly NamedTrim[], text: string, around: Surroundings, isEnded: boolean): Trimmed | TextRefusal {
  let passed: Trimmed = { text, isCut: false };
  for (const { trim, refusal } of trims) {
    const trimmed = trim(passed.text, around, isEnded || passed.isCut);
    if (trimmed.text.trim() === "") return refusal;
    passed = { text: trimmed.text, isCut: passed.isCut || trimmed.isCut };
  }
  return passed;
}
