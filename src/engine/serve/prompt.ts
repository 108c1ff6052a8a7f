import { LacunaError } from "../../protocol/errors.js";
import type { HoleParams } from "../../protocol/messages.js";
import { toLf } from "../../text/lineEnds.js";
import { promptWindow, type Prompt } from "../../text/promptWindow.js";
import { relatedPiece } from "../../text/relatedPiece.js";
import type { LoadedModels } from "../models/loadedModels.js";

/** The marker between prompt and answer, which the verifier reads. */
const MARKER_TOKENS = 1;
/** More than these cost more time to read than they are worth to models of this size. */
const MOST_PROMPT_TOKENS = 1024;
/** Fewer prompt tokens than this are of no use. */
const MIN_PROMPT_TOKENS = 64;

/**
 * The prompt of a request: as much around the hole as fits the context window beside what is to be written.
 *
 * @throws LacunaError `badRequest` when what is to be written leaves no room for a prompt
 */
export function promptOf({ tokenizer, manifest, verifierFacts, diffuserFacts }: LoadedModels, params: HoleParams): Prompt {
  const contextTokens = Math.min(verifierFacts.contextTokens, diffuserFacts.contextTokens);
  const budget = Math.min(MOST_PROMPT_TOKENS, contextTokens - params.maxTokens - MARKER_TOKENS);
  if (budget < MIN_PROMPT_TOKENS) {
    throw new LacunaError(
      "badRequest",
      `${params.maxTokens} tokens do not fit: the models see ${contextTokens} tokens at a time.`,
      `Ask for at most ${contextTokens - MIN_PROMPT_TOKENS - MARKER_TOKENS} tokens.`,
    );
  }
  const { prefix, suffix, related = [] } = params;
  const pieces = related.map(relatedPiece);
  return promptWindow(tokenizer, manifest.specialIds, toLf(prefix), toLf(suffix), budget, diffuserFacts.suffixHeadTokens, pieces);
}
