import { closerOverlap, withoutExcessClosers } from "./closerOverlap.js";
import { isOverIndented } from "./indentation.js";
import { withoutPhraseLoops } from "./phraseLoops.js";
import { withoutLineSuffix, withoutRepeatedLinesBelow, withoutRepeatedLineAbove, withoutLoops } from "./repeatedLines.js";
import { cutToExtent, MOST_LINES, type SuggestionExtent } from "./suggestionExtent.js";
import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

/** Why a text is not shown. */
export type TextRefusal =
  | "The model wrote nothing here."
  | "The suggestion was only white space."
  | "The suggestion repeated the line above."
  | "The suggestion repeated the lines below."
  | "The suggestion repeated what stands behind the cursor."
  | "The suggestion closed more than was open."
  | "The suggestion was indented wrongly."
  | "The suggestion was not text of a file."
  | "The suggestion repeated itself.";

/** A suggestion as it may be shown; "\n" between lines. */
export interface Presentable {
  readonly text: string;
  /** Characters behind the cursor that it replaces. */
  readonly replaced: number;
  /** Whether more text from the engine could not make it longer. */
  readonly isWhole: boolean;
}

export interface PresentableOptions {
  readonly extent: SuggestionExtent;
  /** Whether the engine has said everything; if not, nothing is shown that more text could take back. */
  readonly isWhole: boolean;
}

type Trim = (text: string, around: Surroundings, isEnded: boolean, options: PresentableOptions) => Trimmed;

/** Special tokens spelt out, text that is not Unicode, control characters. */
const JUNK = /<\|[\w ]+\|>|<(fim|file)_\w+>|\uFFFD|[\0-\x08\x0e-\x1f]/;
/** What may become such a token. */
const BEGUN_JUNK = /<(\|[\w ]*\|?|f[ilem]{0,3}|(fim|file)_\w*)?$/;

/** Each way a text is made shorter, and why it is refused when nothing is left. Ends that may yet change wait. */
const TRIMS: readonly (readonly [Trim, TextRefusal])[] = [
  [withoutJunk, "The suggestion was not text of a file."],
  [withinExtent, "The suggestion was only white space."],
  [withoutRepeatedLinesBelow, "The suggestion repeated the lines below."],
  [withoutRepeatedLineAbove, "The suggestion repeated the line above."],
  [withoutLoops, "The suggestion repeated itself."],
  [withoutPhraseLoops, "The suggestion repeated itself."],
  [withoutExcessClosers, "The suggestion closed more than was open."],
  [withoutLineSuffix, "The suggestion repeated what stands behind the cursor."],
];

/** What may be shown of the engine's text at a place, or why nothing may. */
export function presentable(raw: string, around: Surroundings, options: PresentableOptions): Presentable | TextRefusal {
  let text = raw.replaceAll("\r\n", "\n").replace(/\r$/, "");
  let isEnded = options.isWhole;
  if (text === "") return "The model wrote nothing here.";
  if (text.trim() === "") return "The suggestion was only white space.";
  if (isOverIndented(text, around)) return "The suggestion was indented wrongly.";
  for (const [trim, refusal] of TRIMS) {
    const trimmed = trim(text, around, isEnded, options);
    if (trimmed.text.trim() === "") return refusal;
    text = trimmed.text;
    isEnded ||= trimmed.isCut;
  }
  const shown = text.trimEnd();
  const replaced = closerOverlap(shown, around);
  if (shown === around.lineSuffix.slice(0, replaced)) return "The suggestion repeated what stands behind the cursor.";
  return { text: shown, replaced, isWhole: isEnded };
}

function withinExtent(text: string, around: Surroundings, isEnded: boolean, { extent }: PresentableOptions): Trimmed {
  return cutToExtent(text, around, extent, MOST_LINES, isEnded);
}

function withoutJunk(text: string, _around: Surroundings, isEnded: boolean): Trimmed {
  const [clean] = text.split(JUNK);
  if (clean !== text) return { text: clean, isCut: true };
  return { text: isEnded ? text : text.replace(BEGUN_JUNK, ""), isCut: false };
}
