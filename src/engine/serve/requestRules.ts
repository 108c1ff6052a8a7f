import type { WritingRules } from "../../decode/ruledVerifier.js";
import type { HoleParams } from "../../protocol/messages.js";
import { FENCE } from "../../text/fenceTokens.js";
import type { LoadedVerifier } from "../models/pair.js";

/** From here on a text that is still blank may end. */
const MOST_BLANK_TOKENS = 8;

/**
 * What a request adds to what its verifier may write, for the habits of models that were trained to chat: no fences in a document
 * that has none, and, where a line is to be filled that has nothing on it, no empty answer.
 *
 * @param mustSay whether an answer was asked for, so that an empty one is of no use
 * @param healed what the answer begins with: see `healedEnd`
 */
export function requestRules(
  { tokenizer, fences, spaced }: Pick<LoadedVerifier, "tokenizer" | "fences" | "spaced">,
  { prefix, suffix, isUncut = false }: Pick<HoleParams, "prefix" | "suffix" | "isUncut">,
  mustSay: boolean,
  healed = "",
): WritingRules {
  const mayBegin = healed === "" ? undefined : (token: number): boolean => spaced.has(token);
  if (isUncut) return { mayBegin };
  const never = prefix.includes(FENCE) || suffix.includes(FENCE) ? [] : fences;
  const isOnBlankLine = prefix.slice(prefix.lastIndexOf("\n") + 1).trim() === "";
  if (!mustSay || !isOnBlankLine) return { never, mayBegin };
  const isBlank = (written: readonly number[]): boolean => written.length < MOST_BLANK_TOKENS && tokenizer.decode(written).trim() === "";
  return { never, mayBegin, mayEnd: (written) => !isBlank(written) };
}
