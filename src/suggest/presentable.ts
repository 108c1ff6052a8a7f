import { fitClosers } from "./closers.js";
import { isOverIndented } from "./indentation.js";
import type { SuggestionExtent } from "./suggestionExtent.js";
import type { Surroundings } from "./surroundings.js";
import { throughTrims, trimsOfSuggestion, type TextRefusal } from "./trims.js";
import { isInsideWord, withoutTrailingSpace } from "./words.js";

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

/** What may be shown of the engine's text at a place, or why nothing may. */
export function presentable(raw: string, around: Surroundings, { extent, isWhole }: PresentableOptions): Presentable | TextRefusal {
  const text = raw.replaceAll("\r\n", "\n").replace(/\r$/, "");
  if (isInsideWord(around)) return "The cursor is inside a word.";
  if (text === "") return "The model wrote nothing here.";
  if (text.trim() === "") return "The suggestion was only white space.";
  if (isOverIndented(text, around)) return "The suggestion was indented wrongly.";
  const trimmed = throughTrims(trimsOfSuggestion(extent), text, around, isWhole);
  if (typeof trimmed === "string") return trimmed;
  const shown = withoutTrailingSpace(trimmed.text, around);
  const { replaced } = fitClosers(shown, around, true);
  if (shown === around.lineSuffix.slice(0, replaced)) return "The suggestion repeated what stands behind the cursor.";
  return { text: shown, replaced, isWhole: isWhole || trimmed.isCut };
}
