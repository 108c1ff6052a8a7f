import type { Draft, Drafter } from "./draft.js";

/** The end of the sequence must have stood before over at least this many tokens. */
const SHORTEST_MATCH = 3;
/** A longer match is no better than one of this length. */
const LONGEST_MATCH = 8;

/**
 * Drafts for nothing: finds the last few tokens earlier in the sequence and proposes what followed them there.
 * Code repeats itself, and the sequence holds the text around the hole.
 *
 * Of several places the one with the longest match counts, of equal ones the latest.
 *
 * Source: prompt look-up decoding (Saxena, github.com/apoorvumang/prompt-lookup-decoding).
 */
export const lookupDrafter: Drafter = {
  draft(sequence, length) {
    let bestMatch = SHORTEST_MATCH - 1;
    let bestEnd = -1;
    for (let end = sequence.length - 1; end > 0 && bestMatch < LONGEST_MATCH; end -= 1) {
      const match = matchLength(sequence, end);
      if (match <= bestMatch) continue;
      bestMatch = match;
      bestEnd = end;
    }
    const tokens: number[] = [];
    // Past the end of the sequence the proposal goes on with itself, as a repetition does.
    for (let at = bestEnd; bestEnd !== -1 && tokens.length < length; at += 1) tokens.push(sequence[at] ?? tokens[at - sequence.length]);
    return Promise.resolve<Draft>({ tokens, proposals: undefined });
  },
};

/** How many tokens before `end` equal those before the end of the sequence, at most `LONGEST_MATCH`. */
function matchLength(sequence: readonly number[], end: number): number {
  let length = 0;
  while (length < LONGEST_MATCH && length < end && sequence[end - 1 - length] === sequence[sequence.length - 1 - length]) length += 1;
  return length;
}
