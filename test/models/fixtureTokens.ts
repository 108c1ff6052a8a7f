import { readFileSync } from "node:fs";
import path from "node:path";
import { tinyCheckpoint } from "../unit/convert/checkpointFolder.js";

/** A token of the tiny checkpoint's tokenizer. */
export interface FixtureToken {
  readonly text: string;
  /** Whether it spells printable ASCII or white space, or ends a text. */
  readonly isWritten: boolean;
}

/** All tokens, by id. */
export function readTokens(): readonly FixtureToken[] {
  const json = JSON.parse(readFileSync(path.join(tinyCheckpoint, "tokenizer.json"), "utf8")) as {
    readonly added_tokens: readonly { readonly content: string }[];
    readonly model: { readonly vocab: Readonly<Record<string, number>> };
  };
  const special = new Set(json.added_tokens.map(({ content }) => content));
  const byId = Object.entries(json.model.vocab).sort(([, a], [, b]) => a - b);
  // Byte-level BPE spells a space as Ġ and a line feed as Ċ.
  const isWritten = (text: string): boolean => (special.has(text) ? text === "<|endoftext|>" : /^[!-~ĠĊ]+$/.test(text));
  return byId.map(([text]) => ({ text, isWritten: isWritten(text) }));
}
