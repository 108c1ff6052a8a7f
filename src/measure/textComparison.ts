import type { CompleteResult } from "../protocol/messages.js";

type Written = Pick<CompleteResult, "tokenIds">;

/** What the texts of one race, at temperature 0, are to each other. */
export interface TextComparison {
  /** Every drafted text is that of undrafted decoding in the same passes. */
  readonly isLossless: boolean;
  /** Drafted texts that were compared. */
  readonly compared: number;
  /** The first token, counted from 1, at which a text of one-token decoding is another than the drafted one; undefined where none is. */
  readonly plainDiffersFrom: number | undefined;
}

/** The first token, counted from 1, that two texts do not share; undefined for the same text. */
export function firstDifference({ tokenIds: a }: Written, { tokenIds: b }: Written): number | undefined {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) if (a[index] !== b[index]) return index + 1;
  return a.length === b.length ? undefined : shared + 1;
}

/** Compares token by token. @param plain of one-token decoding; @param drafted at least one; @param undrafted in the same passes as drafts */
export function compareTexts(plain: readonly Written[], drafted: readonly Written[], undrafted: Written): TextComparison {
  const differences = plain.flatMap((each) => drafted.flatMap((other) => firstDifference(each, other) ?? []));
  return {
    isLossless: drafted.every((each) => firstDifference(each, undrafted) === undefined),
    compared: drafted.length,
    plainDiffersFrom: differences.length === 0 ? undefined : Math.min(...differences),
  };
}
