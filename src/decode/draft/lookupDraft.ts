import { textTokens, type Sequence } from "../sequence.js";
import type { Draft, Drafter } from "./draft.js";

/** A longer match is no better than one of this length. */
export const LONGEST_MATCH = 16;

/**
 * Drafts for nothing: finds the last few tokens earlier in the sequence and proposes what followed them there.
 * Code repeats itself, and the sequence holds the text around the hole.
 *
 * Of several places the one with the longest match counts, of equal ones the latest. How well a proposal fares depends on
 * how long its match is: with bounds, several such drafters can learn apart from each other.
 *
 * @param shortest tokens that must match for anything to be proposed
 * @param longest nothing is proposed where more match, `LONGEST_MATCH` standing for all longer ones
 *
 * Source: prompt look-up decoding (Saxena, github.com/apoorvumang/prompt-lookup-decoding).
 */
export function lookupDrafter(shortest = 3, longest = LONGEST_MATCH): Drafter {
  return {
    draft(given: Sequence, length) {
      const sequence = textTokens(given);
      const { match, end } = longestMatch(sequence);
      const tokens: number[] = [];
      if (match < shortest || match > longest) return Promise.resolve<Draft>({ tokens, proposals: undefined });
      // Past the end of the sequence the proposal goes on with itself, as a repetition does.
      for (let at = end; tokens.length < length; at += 1) tokens.push(sequence[at] ?? tokens[at - sequence.length]);
      return Promise.resolve<Draft>({ tokens, proposals: undefined });
    },
  };
}

/** Where the end of the sequence stood before: behind it, and over how many tokens; 0 if nowhere. */
function longestMatch(sequence: readonly number[]): { match: number; end: number } {
  let match = 0;
  let end = sequence.length;
  for (let at = sequence.length - 1; at > 0 && match < LONGEST_MATCH; at -= 1) {
    const length = matchLength(sequence, at);
    if (length <= match) continue;
    match = length;
    end = at;
  }
  return { match, end };
}

/** How many tokens before `end` equal those before the end of the sequence, at most `LONGEST_MATCH`. */
function matchLength(sequence: readonly number[], end: number): number {
  let length = 0;
  while (length < LONGEST_MATCH && length < end && sequence[end - 1 - length] === sequence[sequence.length - 1 - length]) length += 1;
  return length;
}
