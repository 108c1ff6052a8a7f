import type { WritingRules } from "../../decode/ruledVerifier.js";
import type { HoleParams } from "../../protocol/messages.js";
import { FENCE } from "../../text/fenceTokens.js";
import type { LoadedVerifier } from "../models/pair.js";

/** A blank that somebody is to fill. */
const BLANK = "___";
/** From here on a text that is still blank may end. */
const MOST_BLANK_TOKENS = 8;

/**
 * What a request adds to what its verifier may write, for the habits of models that were trained to chat: no fences in a document
 * that has none. Where an answer was asked for, none that is a blank like others of the document's, and on a line that has nothing on it
 * none that is empty.
 *
 * @param mustSay whether an answer was asked for, so that an empty one is of no use
 * @param healed what the answer begins with: see `healedEnd`
 */
export function requestRules(
  { tokenizer, blanks, fences, beginnings, entry }: Pick<LoadedVerifier, "tokenizer" | "blanks" | "fences" | "beginnings" | "entry">,
  { prefix, suffix, related = [], isUncut = false }: Pick<HoleParams, "prefix" | "suffix" | "related" | "isUncut">,
  mustSay: boolean,
  healed = "",
): WritingRules {
  const begins = healed === "" ? undefined : (written: readonly number[]): readonly number[] | undefined => beginnings.next(healed, written);
  // After a space there may be nothing to say; a word that a person began is said to its end.
  const mayBeNothing = healed.trim() === "";
  const begun: WritingRules = {
    begins: mayBeNothing && begins !== undefined ? (written) => begins(written)?.concat(entry.ends) : begins,
  };
  if (isUncut) return begun;
  const isSomewhere = (text: string): boolean => prefix.includes(text) || suffix.includes(text);
  const never = isSomewhere(FENCE) ? [] : fences;
  if (!mustSay) return { ...begun, never };
  const saysNothing = (written: readonly number[]): boolean => written.length < MOST_BLANK_TOKENS && tokenizer.decode(written).trim() === "";
  const mayCopyBlank = isSomewhere(BLANK) || related.some(({ text }) => text.includes(BLANK));
  const barred: WritingRules["barred"] = mayCopyBlank ? (written) => (saysNothing(written) ? blanks.all() : []) : undefined;
  const isOnBlankLine = prefix.slice(prefix.lastIndexOf("\n") + 1).trim() === "";
  return { ...begun, never, barred, ...(isOnBlankLine && { mayEnd: (written) => !saysNothing(written) }) };
}
