import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

const ENDS_IN_WORD = /[\p{L}\p{N}_$]$/u;
const BEGINS_WITH_WORD = /^[\p{L}\p{N}_$]/u;
const TRAILING_WORD = /[\p{L}\p{N}_$]+$/u;
/** Signs and the word after them. */
const FIRST_WORD = /^[^\p{L}\p{N}_\s]*\s*([\p{L}\p{N}_$]+)/u;
const CLOSERS_FIRST = /^[)\]}"'`]/;
/** Of a shorter word, many others begin like it. */
const TELLING_LENGTH = 3;

/** Whether a cursor stands between two characters of one word: whatever is put there takes the word apart. */
export function isInsideWord({ linePrefix, lineSuffix }: Pick<Surroundings, "linePrefix" | "lineSuffix">): boolean {
  return ENDS_IN_WORD.test(linePrefix) && BEGINS_WITH_WORD.test(lineSuffix);
}

/** Refuses a one-line text that begins as what stands after the cursor begins: it would stand twice. */
export function withoutSuffixStart(text: string, { lineSuffix }: Surroundings, isEnded: boolean): Trimmed {
  const behind = lineSuffix.trim();
  const first = FIRST_WORD.exec(behind);
  if (first === null || CLOSERS_FIRST.test(behind) || text.includes("\n")) return { text, isCut: false };
  const said = text.trimStart();
  if (behind.startsWith(said.trimEnd())) return { text: "", isCut: isEnded };
  const [begin, word] = first;
  const isWord = word.length >= TELLING_LENGTH || !BEGINS_WITH_WORD.test(said.slice(begin.length));
  if (!said.startsWith(begin)) return { text, isCut: false };
  return isWord ? { text: "", isCut: true } : { text, isCut: false };
}

/** Where a word follows right after the cursor, a text ends before a word of its own that would become one with it. */
export function withoutGluedWord(text: string, { lineSuffix }: Surroundings, isEnded: boolean): Trimmed {
  if (!BEGINS_WITH_WORD.test(lineSuffix) || text.includes("\n")) return { text, isCut: false };
  const shown = text.replace(TRAILING_WORD, "");
  return { text: shown, isCut: isEnded && shown !== text };
}

/** A text without the white space at its end, but for the one space that parts it from a word after the cursor. */
export function withoutTrailingSpace(text: string, { lineSuffix }: Surroundings): string {
  const shown = text.trimEnd();
  return BEGINS_WITH_WORD.test(lineSuffix) && text.startsWith(" ", shown.length) ? `${shown} ` : shown;
}
