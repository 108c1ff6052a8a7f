import { readFileSync } from "node:fs";
import type { SpecialIds } from "../protocol/manifest.js";
import { unusable } from "./unusable.js";

/** How tokenizer.json spells the special tokens. */
const SPELLING: Readonly<Record<keyof SpecialIds, string>> = {
  eos: "<|endoftext|>",
  fimPrefix: "<|fim_prefix|>",
  fimMiddle: "<|fim_middle|>",
  fimSuffix: "<|fim_suffix|>",
  mask: "<|mask|>",
  expand: "<|expand|>",
  sep: "<|sep|>",
  fileSep: "<|file_sep|>",
};

/**
 * Looks the special tokens up among the added tokens of a tokenizer.json.
 *
 * @throws LacunaError `checkpointUnusable` when the file cannot be read or lacks one of them
 */
export function readSpecialIds(tokenizerPath: string): SpecialIds {
  const ids = new Map<string, number>();
  try {
    const { added_tokens } = JSON.parse(readFileSync(tokenizerPath, "utf8")) as { added_tokens: { id: number; content: string }[] };
    for (const { content, id } of added_tokens) ids.set(content, id);
  } catch (cause) {
    throw unusable("has no readable tokenizer.json", cause);
  }
  const idOf = (key: keyof SpecialIds): number => {
    const id = ids.get(SPELLING[key]);
    if (id === undefined) throw unusable(`has a tokenizer without the special token ${SPELLING[key]}`);
    return id;
  };
  return {
    eos: idOf("eos"),
    fimPrefix: idOf("fimPrefix"),
    fimMiddle: idOf("fimMiddle"),
    fimSuffix: idOf("fimSuffix"),
    mask: idOf("mask"),
    expand: idOf("expand"),
    sep: idOf("sep"),
    fileSep: idOf("fileSep"),
  };
}
