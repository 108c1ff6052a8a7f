import type { TokenLikelihood } from "../protocol/messages.js";

/** A text with how likely its tokens are; see `TokenLikelihood`. */
export interface LikelyText {
  readonly text: string;
  readonly likelihoods: readonly TokenLikelihood[];
}

/** How likely the first line of a suggestion is, as far as it is known. */
export interface LineLikelihood {
  /** Natural logarithms: of the tokens of the line, and of the next one, which ends it. */
  readonly logProbs: readonly number[];
  /** Whether all of them are known. */
  readonly isWhole: boolean;
}

export const lfLength = (text: string): number => text.replaceAll("\r\n", "\n").length;

/** Those that are left behind some characters, in LF units. A token of which a part is left counts whole. */
export function likelihoodsAfter(likelihoods: readonly TokenLikelihood[], units: number): readonly TokenLikelihood[] {
  return units === 0 ? likelihoods : likelihoods.filter(([end]) => end > units).map(([end, logProb]) => [end - units, logProb]);
}

/**
 * The likelihood of the first line of what is shown of a text; of blank lines at its beginning, too.
 *
 * @param shown the beginning of the text that is shown, LF line ends; @param isEnded whether no more of the text comes
 */
export function lineLikelihood({ likelihoods }: LikelyText, shown: string, isEnded: boolean): LineLikelihood {
  const [line] = /^\s*[^\n]*/.exec(shown)!;
  const logProbs: number[] = [];
  let start = 0;
  for (const [end, logProb] of likelihoods) {
    if (start > line.length) break;
    logProbs.push(logProb);
    // The token that goes on after the line is the last that says something of it.
    if (end > line.length || start === line.length) return { logProbs, isWhole: true };
    start = end;
  }
  return { logProbs, isWhole: isEnded };
}
