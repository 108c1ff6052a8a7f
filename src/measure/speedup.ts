import { median } from "../base/median.js";

/** How fast one prompt was written on, with drafts and without: tokens per second, the reading of the prompt left out, one for each round. */
export interface TimedPrompt {
  /** One-token decoding: no drafts, one token a pass, the fastest plain decoding there is. */
  readonly plain: readonly number[];
  /** With drafts. */
  readonly drafted: readonly number[];
}

/**
 * The speed-up, wherever one is named: of a prompt, the median speed with drafts over the median speed of one-token decoding;
 * of several prompts, the median of theirs.
 *
 * @returns undefined where no prompt has a speed of both
 */
export function speedup(prompts: readonly TimedPrompt[]): number | undefined {
  const ratios = prompts
    .filter(({ plain, drafted }) => plain.length > 0 && drafted.length > 0)
    .map(({ plain, drafted }) => median(drafted) / median(plain))
    .filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  return ratios.length === 0 ? undefined : median(ratios);
}
