import { counted } from "../../base/counted.js";
import type { Layout } from "../../decode/sequence.js";
import { LacunaError } from "../../protocol/errors.js";
import { healedEnd } from "../../text/healing.js";
import type { HoleParams } from "../../protocol/messages.js";
import { toLf } from "../../text/lineEnds.js";
import type { Pair } from "../models/pair.js";
import { promptTokensFor } from "./promptTokens.js";
import { titled } from "./titled.js";

/** Room for the marker between prompt and answer, which the verifier reads. */
const MARKER_TOKENS = 1;
/** Fewer prompt tokens than this are of no use. */
const MIN_PROMPT_TOKENS = 64;

/** What a request is about: the part of it that prompts are made of. */
export type PromptParams = Pick<HoleParams, "prefix" | "suffix" | "related" | "languageId" | "fileName" | "maxTokens">;

/** The prompt of a text that the verifier writes on from the cursor, and what that text begins with: see `healedEnd`. @throws as `promptOf` */
export function healedPrompt(pair: Pick<Pair, "verifier" | "diffuser" | "calibration">, params: PromptParams): { layout: Layout; healed: string } {
  const healed = healedEnd(params.prefix, pair.verifier.tokenizer);
  return { layout: promptOf(pair, { ...params, prefix: params.prefix.slice(0, params.prefix.length - healed.length) }), healed };
}

/**
 * The prompt of a request: as much around the hole as is soon read, and fits the context window beside what is to be written.
 *
 * @throws LacunaError `badRequest` when what is to be written leaves no room for a prompt, `modelUnusable` when nothing would
 */
export function promptOf({ verifier, diffuser, calibration }: Pick<Pair, "verifier" | "diffuser" | "calibration">, params: PromptParams): Layout {
  const contextTokens = Math.min(verifier.entry.contextTokens, diffuser?.entry.contextTokens ?? Infinity);
  const budget = Math.min(promptTokensFor(verifier.entry, calibration.readTokensPerMs), contextTokens - params.maxTokens - MARKER_TOKENS);
  if (contextTokens <= MIN_PROMPT_TOKENS + MARKER_TOKENS) {
    const sentence = `The models see ${counted(contextTokens, "token")} at a time, too few for a prompt and an answer.`;
    throw new LacunaError("modelUnusable", sentence, "Import the model again, or name another one.");
  }
  if (budget < MIN_PROMPT_TOKENS) {
    throw new LacunaError(
      "badRequest",
      `${counted(params.maxTokens, "token")} ${params.maxTokens === 1 ? "does" : "do"} not fit: the models see ${contextTokens} tokens at a time.`,
      `Ask for at most ${counted(contextTokens - MIN_PROMPT_TOKENS - MARKER_TOKENS, "token")}.`,
    );
  }
  const around = { prefix: toLf(titled(params)), suffix: toLf(params.suffix), related: params.related };
  return verifier.format.layOut(around, { promptTokens: budget, suffixHeadTokens: diffuser?.entry.suffixHeadTokens ?? 0 });
}
