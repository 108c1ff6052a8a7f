import { placeholders } from "./fillHoles.js";
import { withoutDoubledSeparators } from "../suggest/closers.js";
import { wholeAdaptation } from "../suggest/indentation.js";
import { surroundingsOf } from "../suggest/surroundings.js";
import { throughTrims, TRIMS_OF_FILL } from "../suggest/trims.js";

/** What stands around a hole. */
export interface AroundHole {
  readonly prefix: string;
  readonly suffix: string;
  /** As the editor names it; default: not known. */
  readonly languageId?: string | undefined;
}

/**
 * A middle as it may be put into its hole: indented as the document is, without what stands after the hole already, without loops
 * and what is no text of a file, and with no hole of its own. Lines end as they did.
 *
 * @returns a text without a character where nothing is left
 */
export function fillText(middle: string, { prefix, suffix, languageId }: AroundHole): string {
  const around = surroundingsOf(prefix, suffix, languageId);
  const adapted = wholeAdaptation({ prefix, suffix })(middle.replaceAll("\r\n", "\n"));
  const trimmed = throughTrims(TRIMS_OF_FILL, adapted, around, true);
  if (typeof trimmed === "string" || placeholders(trimmed.text).length > 0) return "";
  const text = withLineEnd(withoutDoubledSeparators(trimmed.text, around), adapted, prefix, suffix);
  return middle.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}

/** Before a line's end, a text has none of its own; where it is whole lines, it keeps the last one's. */
function withLineEnd(text: string, adapted: string, prefix: string, suffix: string): string {
  if (/^[ \t]*\r?\n/.test(suffix)) return text.trimEnd();
  const isWholeLines = /(^|\n)$/.test(prefix) && /\n[ \t]*$/.test(adapted);
  return isWholeLines && !/\n[ \t]*$/.test(text) ? `${text}\n` : text;
}
