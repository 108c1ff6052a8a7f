import { fixedBlock } from "../draft/blockSize.js";
import { lookupDrafter } from "../draft/lookupDraft.js";
import type { DraftSource } from "../draft/speculate.js";

/** Tokens of a draft that a repetition suggests. */
const LOOKED_UP = 7;

/** Drafts for the verifier's own text in a hole: what followed the same tokens before. */
export function repetitions(): DraftSource[] {
  return [{ drafter: lookupDrafter(), blockSizer: fixedBlock(LOOKED_UP) }];
}
