import type { InfillParams } from "../../protocol/messages.js";
import { unmatchedBrackets } from "../../syntax/unmatchedBrackets.js";

/** How much text on either side is looked at for the partners of brackets. */
export const BRACKET_UNITS = 2000;
const WORD = /[\p{L}\p{N}_]{2}/u;
const SEPARATORS = /^[;,]+$/;

/**
 * A middle without what it says again of the line that goes on behind the hole: a model that has filled a hole within a line often writes
 * the line to its end, although that is there. All of the rest is cut off where there is a word in it; signs, or a part of them, where
 * that leaves fewer brackets without partner or they separate.
 *
 * @param middle with any line ends; what comes behind the repeated rest goes too
 */
export function withoutRestOfLine(middle: string, { prefix, suffix, languageId }: Pick<InfillParams, "prefix" | "suffix" | "languageId">): string {
  const rest = suffix.split("\n", 1)[0].trimEnd();
  if (rest.trim() === "") return middle;
  const [before, after] = [prefix.slice(-BRACKET_UNITS), suffix.slice(0, BRACKET_UNITS)];
  const unmatched = (text: string): number => unmatchedBrackets(before + text + after, languageId);
  let begin = 0;
  for (const line of middle.split("\n")) {
    const said = line.trimEnd();
    const end = begin + said.length;
    for (let length = Math.min(rest.length, said.length); length > 0; length -= 1) {
      const repeated = rest.slice(0, length);
      const cut = middle.slice(0, end - length);
      if (!said.endsWith(repeated) || cut.trim() === "") continue;
      const isSaidAgain = SEPARATORS.test(repeated) || (length === rest.length && WORD.test(repeated));
      if (isSaidAgain || unmatched(cut) < unmatched(middle.slice(0, end))) return cut;
    }
    begin += line.length + 1;
  }
  return middle;
}
