import type { PlaceKind, SuggestionBars } from "../protocol/suggestionBars.js";
import type { LineLikelihood } from "./likelihood.js";

/** When suggestions appear: at every place, where they are as likely right as not, or where they are mostly right. */
export type Appearance = "often" | keyof SuggestionBars;

/** Why nothing is shown where the model wrote something. */
export const UNSURE = "The model was not sure enough of its suggestion (lacuna.suggestions.appear).";

/** For models to which none were fitted. */
const USUAL_BARS: SuggestionBars = {
  balanced: { lineEnd: 0.2, middle: 0.2, comment: 0.2, prose: 0.2 },
  sure: { lineEnd: 0.5, middle: 0.5, comment: 0.5, prose: 0.5 },
};

/** How likely the first line of a suggestion must be for it to be shown. @returns in [0, 1]; 0: it is always shown */
export function barAt(appearance: Appearance, kind: PlaceKind, bars: SuggestionBars = USUAL_BARS): number {
  return appearance === "often" ? 0 : bars[appearance][kind];
}

/**
 * What a first line is worth: the product of its tokens' probabilities, which only falls while more of the line comes, and only rises
 * while what is there is typed. `open`: it may yet fall below the bar.
 */
export function verdictOf({ logProbs, isWhole }: LineLikelihood, bar: number): "sure" | "unsure" | "open" {
  if (bar <= 0) return "sure";
  const likelihood = Math.exp(logProbs.reduce((sum, logProb) => sum + logProb, 0));
  if (likelihood < bar) return "unsure";
  return isWhole ? "sure" : "open";
}
