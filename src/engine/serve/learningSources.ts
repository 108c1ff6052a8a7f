import { discounted, fastestBlock, type BlockSizer } from "../../decode/draft/blockSize.js";
import { LONGEST_MATCH, lookupDrafter } from "../../decode/draft/lookupDraft.js";
import type { DraftSource } from "../../decode/draft/speculate.js";
import type { Pair } from "../models/pair.js";

/** Lengths of a repetition whose drafts fare alike. A match of one token is worth a try: a short draft fits into the pass anyway. */
const LOOKUP_CLASSES = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 5],
  [6, 9],
  [10, LONGEST_MATCH - 1],
  [LONGEST_MATCH, LONGEST_MATCH],
];

/**
 * What of a diffuser's expected gain counts beside drafts that cost nothing. Estimates err, and the highest of several is mostly one that errs
 * upwards; with a draft that costs a pass that is dear.
 */
const BELIEVED = 0.8;

/** Where drafts come from whenever a request has nothing of its own: repetitions, which cost nothing, and the diffuser, if there is one. */
export interface CommonSources {
  readonly lookups: readonly DraftSource[];
  readonly diffusion: BlockSizer;
}

/** What all requests of one pair learn for later ones, whoever asks. */
export function learningSources({ calibration }: Pair): CommonSources {
  const lookups = LOOKUP_CLASSES.map(([shortest, longest]) => ({
    drafter: lookupDrafter(shortest, longest),
    blockSizer: fastestBlock(() => calibration.lookupCosts),
  }));
  return {
    lookups,
    diffusion: discounted(
      fastestBlock(() => calibration.costs),
      BELIEVED,
    ),
  };
}
