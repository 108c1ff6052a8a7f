import type { Tokenizer } from "./tokenizer.js";

/** What fences code off in a text. */
export const FENCE = "```";
/** Texts as they are written before a fence, and after it. */
const BEFORE = ["", " ", "\n", "\n\n", "    ", ")\n"];
const AFTER = ["", "\n", "python", "javascript", "typescript", "java"];

/** Tokens that fence code off, as chats do: those that common texts with a fence are made of. A fence may still be spelt by others. */
export function fenceTokens(tokenizer: Tokenizer): ReadonlySet<number> {
  const texts = BEFORE.flatMap((before) => AFTER.map((after) => before + FENCE + after));
  return new Set(texts.flatMap((text) => tokenizer.encode(text)).filter((token) => tokenizer.decode([token]).includes(FENCE)));
}
