import { verifierTokens } from "../../src/decode/sequence.js";
import { documentSlice, type DocumentSlice } from "../../src/protocol/documentSlice.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { PromptFormatData } from "../../src/protocol/manifest.js";
import { toLf } from "../../src/text/lineEnds.js";
import { PromptFormat } from "../../src/text/promptFormat.js";
import type { Tokenizer } from "../../src/text/tokenizer.js";
import type { InfillingRow } from "../library/infillingRows.js";

/** What stands first in a prompt. */
export type PromptOrder = PromptFormatData["order"];

/** As many as the engine gives to the prompt of a request. */
export const ROW_PROMPT_TOKENS = 1024;

/** The tokens that the engine has a model read before it fills the hole of `row`. */
export function rowPrompt(data: PromptFormatData, tokenizer: Tokenizer, row: InfillingRow): number[] {
  return promptTokens(data, tokenizer, documentSlice(row.prompt + row.suffix, row.prompt.length, row.prompt.length));
}

/** The tokens that the engine has a model read before it writes between `prefix` and `suffix`. */
export function promptTokens(data: PromptFormatData, tokenizer: Tokenizer, { prefix, suffix }: DocumentSlice): number[] {
  const around = { prefix: toLf(prefix), suffix: toLf(suffix) };
  // A format remembers the last text; each row is laid out by itself.
  const layout = new PromptFormat(data, tokenizer).layOut(around, { promptTokens: ROW_PROMPT_TOKENS, suffixHeadTokens: 0 });
  return verifierTokens({ layout, written: [] });
}

/**
 * The same markers with the text in `order`. A model that is asked suffix first as `prefix suffix S middle P` is asked prefix
 * first as `prefix P suffix S middle`, with the marks of its own names.
 *
 * @throws LacunaError `benchUnusable` where the markers are no such three
 */
export function inOrder(data: PromptFormatData, order: PromptOrder): PromptFormatData {
  if (data.order === order) return data;
  const unlike = new LacunaError("benchUnusable", `The markers of this model cannot be put ${order}.`, "Leave out --order.");
  if (order === "prefixFirst") {
    if (data.suffix.length !== 2 || data.prefix.length !== 1 || data.middle.length !== 0) throw unlike;
    const [prefix, suffix] = data.suffix;
    return { ...data, order, prefix: [prefix], suffix: [suffix], middle: data.prefix };
  }
  if (data.suffix.length !== 1 || data.prefix.length !== 1 || data.middle.length !== 1) throw unlike;
  return { ...data, order, suffix: [...data.prefix, ...data.suffix], prefix: data.middle, middle: [] };
}
