import type { CompleteResult } from "../protocol/messages.js";
import type { Place } from "../protocol/place.js";
import { wholeAdaptation } from "./indentation.js";
import type { Presentable } from "./presentable.js";
import type { Presenters } from "./presenter.js";

const SEEDS = [1, 2, 3];

/** Completes a place by chance, with at most so many lines: the same seed gives the same text. */
export type Sample = (place: Place, maxLines: number, seed: number, signal: AbortSignal) => Promise<CompleteResult>;

/** Other texts for a place, each once; fewer when they are alike, unfit to be shown or cancelled. */
export async function alternatives(sample: Sample, presenters: Presenters, place: Place, signal: AbortSignal): Promise<readonly Presentable[]> {
  const presenter = presenters.at(place, true);
  const adapt = wholeAdaptation(place);
  const found = new Map<string, Presentable>();
  for (const seed of SEEDS) {
    if (signal.aborted) break;
    const { text, outcome } = await sample(place, presenter.mostLines(""), seed, signal);
    const shown = presenter.present(adapt(text), true);
    if (outcome === "done" && typeof shown !== "string") found.set(shown.text, shown);
  }
  return [...found.values()];
}
