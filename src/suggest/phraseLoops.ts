import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

const SHORTEST = 10;
const LONGEST = 80;
const TWO_WORDS = /\p{L}{2,}[^\p{L}]*\s[^\p{L}]*\p{L}{2,}/u;
const WORD = /[\p{L}\p{N}_]/u;

/** The length of the shortest phrase of words that stands twice right before `end`; undefined when there is none. */
function doubledBefore(text: string, end: number): number | undefined {
  for (let length = SHORTEST; length <= Math.min(LONGEST, end >> 1); length += 1) {
    const phrase = text.slice(end - length, end);
    // Said twice it shows its words wherever it begins.
    if (text.startsWith(phrase, end - 2 * length) && TWO_WORDS.test(phrase + phrase)) return length;
  }
  return undefined;
}

/** Cuts before a phrase of several words that comes for the third time in a row, at the end of a word; one that may become so waits. */
export function withoutPhraseLoops(text: string, _around: Surroundings, isEnded: boolean): Trimmed {
  for (let end = 2 * SHORTEST; end <= text.length; end += 1) {
    const length = doubledBefore(text, end);
    if (length === undefined) continue;
    let same = 0;
    while (same < length && end + same < text.length && text[end + same] === text[end + same - length]) same += 1;
    if (same === length) return { text: text.slice(0, wordEnd(text, end)), isCut: true };
    if (end + same === text.length && !isEnded) return { text: text.slice(0, wordEnd(text, end)), isCut: false };
  }
  return { text, isCut: false };
}

/** The first index from `at` on that is not within a word. */
function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && WORD.test(text[end - 1]) && WORD.test(text[end])) end += 1;
  return end;
}
