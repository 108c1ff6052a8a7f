import type { Layout } from "../../decode/sequence.js";
import { LacunaError } from "../../protocol/errors.js";
import type { HoleParams } from "../../protocol/messages.js";
import { toLf } from "../../text/lineEnds.js";
import type { Pair } from "../models/pair.js";

/** Room for the marker between prompt and answer, which the verifier reads. */
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
export function promptOf({ verifier, diffuser }: Pick<Pair, "verifier" | "diffuser">, params: HoleParams): Layout {
  const contextTokens = Math.min(verifier.entry.contextTokens, diffuser?.entry.contextTokens ?? Infinity);
  const budget = Math.min(MOST_PROMPT_TOKENS, contextTokens - params.maxTokens - MARKER_TOKENS);
  if (budget < MIN_PROMPT_TOKENS) {
    throw new LacunaError(
      "badRequest",
      `${params.maxTokens} tokens do not fit: the models see ${contextTokens} tokens at a time.`,
      `Ask for at most ${contextTokens - MIN_PROMPT_TOKENS - MARKER_TOKENS} tokens.`,
    );
  }
  const around = { prefix: toLf(params.prefix), suffix: toLf(params.suffix), related: params.related };
  return verifier.format.layOut(around, { promptTokens: budget, suffixHeadTokens: diffuser?.entry.suffixHeadTokens ?? 0 });
}
