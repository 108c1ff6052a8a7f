/** What was compared at one prompt. */
export interface Sameness {
  /** The drafted text is that of undrafted decoding in the same passes. */
  readonly lossless: boolean;
  /** How many drafted texts were compared for that. */
  readonly compared: number;
  /** The first token, counted from 1, at which one-token decoding wrote another text than drafted decoding. */
  readonly plainDiffersFrom: number | null;
}

/** Drafts promise this sameness. */
const PROMISE = "Same text as undrafted decoding in the same passes";
const FAULT = "This is a fault in Lacuna: please report it.";

/**
 * Which texts are the same at one prompt, and which are not: two sentences. Nothing promises that one-token decoding writes the
 * same text, because a pass over one token rounds differently from a pass over a block.
 */
export function sameness({ lossless, compared, plainDiffersFrom }: Sameness): readonly [string, string] {
  const runs = compared === 1 ? "1 run" : `${compared} runs`;
  return [
    `${PROMISE}: ${lossless ? `yes (verified in ${runs}).` : `no. ${FAULT}`}`,
    plainDiffersFrom === null
      ? "One-token decoding wrote the same text here."
      : `One-token decoding wrote another text here, from token ${plainDiffersFrom} on: it rounds differently.`,
  ];
}

/** The same of several prompts. */
export function samenessOfPrompts(prompts: readonly Sameness[]): readonly [string, string] {
  const count = prompts.length;
  const lossless = prompts.filter((each) => each.lossless).length;
  const others = prompts.filter(({ plainDiffersFrom }) => plainDiffersFrom !== null).length;
  return [
    `${PROMISE}: ${lossless === count ? `at all ${count} prompts.` : `not at ${count - lossless} of ${count} prompts. ${FAULT}`}`,
    others === 0
      ? "One-token decoding wrote the same texts."
      : `One-token decoding wrote another text at ${others} of ${count} prompts: it rounds differently.`,
  ];
}
