import { infillAdaptive, type Judge } from "../../decode/infill/adaptive.js";
import { infillByBlocks } from "../../decode/infill/blockDiffusion.js";
import { infillCalibrated } from "../../decode/infill/calibratedLength.js";
import { infillExpandDelete } from "../../decode/infill/expandDelete.js";
import { infillFixedLength } from "../../decode/infill/fixedLength.js";
import type { InfillDecoder, InfillTask } from "../../decode/infill/infillTask.js";
import { infillLengthRegularized } from "../../decode/infill/lengthRegularized.js";
import { allAbove, mostConfident } from "../../decode/infill/slotReading.js";
import { MarkedVerifier } from "../../decode/markedVerifier.js";
import { VerifierJudge } from "../../decode/infill/verifierJudge.js";
import { PenalizedJudge } from "../../decode/infill/penalizedJudge.js";
import { LacunaError } from "../../protocol/errors.js";
import type { InfillParams } from "../../protocol/messages.js";
import { unmatchedBrackets } from "../../text/brackets.js";
import { toLf } from "../../text/lineEnds.js";
import type { LoadedModels } from "../models/loadedModels.js";

/** Slots of a block, and the probability above which one is committed; both as dLLM-Var's drafter was trained and published. */
const BLOCK_SLOTS = 32;
const BLOCK_SURE = 0.9;
/** What a bracket without partner takes off a score, in nats, and how much text on either side is looked at. */
const BRACKET_PENALTY = 4;
const BRACKET_UNITS = 2000;
/** What a middle of white space alone loses, in nats: often likely, never of use. */
const BLANK_PENALTY = 20;
/** DreamOn's start where the request names none and allows as many. */
const DEFAULT_START = 16;

/**
 * The decoder of a request.
 *
 * @throws LacunaError `badRequest` when the diffuser lacks what the method needs, or the length does not fit it
 */
export function infillDecoder(models: LoadedModels, params: InfillParams, task: InfillTask, start: number): InfillDecoder {
  const { diffuser, diffuserFacts, manifest } = models;
  const { eos, expand } = manifest.specialIds;
  const most = Math.min(diffuser.maxSlots, task.maxTokens);
  const length = params.length ?? Math.min(DEFAULT_START, most);
  const isLate = (): boolean => params.deadlineMs !== undefined && performance.now() - start >= params.deadlineMs;
  if (length > most) {
    throw new LacunaError("badRequest", `A canvas of ${length} slots is too long here.`, `Ask for at most ${most}.`);
  }
  switch (params.method) {
    case "auto":
      return infillAdaptive(diffuser, task, judgeOf(models, params, task.context), isLate);
    case "lr":
      return infillLengthRegularized(diffuser, task);
    case "cal":
      if (diffuserFacts.lengthBias === undefined) {
        throw new LacunaError("badRequest", `${diffuserFacts.name} has no constants for cal.`, "Choose another method.");
      }
      return infillCalibrated(diffuser, task, diffuserFacts.lengthBias);
    case "dreamon":
      return infillExpandDelete(diffuser, task, { expand, delete: eos }, length, mostConfident);
    case "block":
      return infillByBlocks(diffuser, task, eos, BLOCK_SLOTS, allAbove(BLOCK_SURE));
    case "fixed":
      return infillFixedLength(diffuser, task, length, mostConfident);
  }
}

/** The verifier, which sees that a middle meets its suffix, helped where it is weak: brackets. */
function judgeOf({ verifier, tokenizer, manifest, lineBreakIds }: LoadedModels, params: InfillParams, context: readonly number[]): Judge {
  const { eos, fimMiddle } = manifest.specialIds;
  const marked = new MarkedVerifier(verifier, context.length, fimMiddle);
  const before = toLf(params.prefix.slice(-BRACKET_UNITS));
  const after = toLf(params.suffix.slice(0, BRACKET_UNITS));
  const penaltyOf = (middle: readonly number[]): number => {
    const text = tokenizer.decode(middle);
    return BRACKET_PENALTY * unmatchedBrackets(before + text + after) + (text.trim() === "" ? BLANK_PENALTY : 0);
  };
  return new PenalizedJudge(new VerifierJudge(marked, context, eos, new Set(lineBreakIds()), params.maxLines), penaltyOf);
}
