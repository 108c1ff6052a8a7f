import type { CompleteResult } from "../protocol/messages.js";
import { presentable, type Presentable } from "./presentable.js";
import type { Place } from "../protocol/place.js";
import { suggestionExtent } from "./suggestionExtent.js";
import { surroundingsOf } from "./surroundings.js";

const SEEDS = [1, 2, 3];

/** Completes a place by chance: the same seed gives the same text. */
export type Sample = (place: Place, seed: number, signal: AbortSignal) => Promise<CompleteResult>;

/** Other texts for a place, each once; fewer when they are alike, unfit to be shown or cancelled. */
export async function alternatives(sample: Sample, place: Place, signal: AbortSignal): Promise<readonly Presentable[]> {
  const around = surroundingsOf(place.prefix, place.suffix);
  const found = new Map<string, Presentable>();
  for (const seed of SEEDS) {
    if (signal.aborted) break;
    const { text, outcome } = await sample(place, seed, signal);
    const shown = presentable(text, around, { extent: suggestionExtent(around, true), isWhole: true });
    if (outcome === "done" && typeof shown !== "string") found.set(shown.text, shown);
  }
  return [...found.values()];
}
