import { createRandom } from "../../base/random.js";
import { fixedBlock } from "../../decode/draft/blockSize.js";
import type { DraftSource } from "../../decode/draft/speculate.js";
import { repetitions } from "../../decode/infill/repetitions.js";
import type { Pair } from "../models/pair.js";

/** Slots of a reader's draft: how many of them are verified, its certainties and this machine decide. */
const READER_SLOTS = 7;

/** Drafts for the verifier's own greedy text in a hole: what followed the same tokens before, else a reader's, where there is one. */
export function fillDrafts({ diffuser, calibration }: Pick<Pair, "diffuser" | "calibration">): DraftSource[] {
  if (diffuser === undefined || diffuser.readsPrompt) return repetitions();
  const drafter = diffuser.drafter({ temperature: 0, topP: 1 }, createRandom(0), () => calibration.costs);
  return [...repetitions(), { drafter, blockSizer: fixedBlock(READER_SLOTS) }];
}
