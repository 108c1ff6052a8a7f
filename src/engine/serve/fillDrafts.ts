import { createRandom } from "../../base/random.js";
import type { BlockSizer } from "../../decode/draft/blockSize.js";
import type { DraftSource } from "../../decode/draft/speculate.js";
import { repetitions } from "../../decode/infill/repetitions.js";
import type { Pair } from "../models/pair.js";

/**
 * Drafts for the verifier's own greedy text in a hole: what followed the same tokens before, else a reader's, where there is one.
 *
 * @param diffusion how long drafts of a reader are, by what was learned of them
 */
export function fillDrafts({ diffuser, calibration }: Pick<Pair, "diffuser" | "calibration">, diffusion: BlockSizer): DraftSource[] {
  if (diffuser === undefined || diffuser.readsPrompt) return repetitions();
  const drafter = diffuser.drafter({ temperature: 0, topP: 1 }, createRandom(0), () => calibration.costs);
  return [...repetitions(), { drafter, blockSizer: diffusion }];
}
