import type { MarkedFormat } from "./servedFormat.js";

/** The names of special tokens in most tokenizers. */
const USUAL = /<(?=\|[^|<>\s]{1,40}\|>|｜[^｜<>\s]{1,40}｜>)/g;

/**
 * A text of a document as it may be sent: a server's tokenizer makes special tokens of their names wherever it reads them, and a document
 * must never turn into one. A name that stands in the document gets a space after its first character.
 */
export function plainText(text: string, { prefix, suffix, middle, ends, files }: MarkedFormat): string {
  const names = [prefix, suffix, middle, ...ends, files?.repository ?? "", files?.file ?? ""].map((name) => name.trim());
  const spaced = text.replaceAll(USUAL, "< ");
  return names.filter((name) => name !== "").reduce((sum, name) => sum.replaceAll(name, `${name[0]} ${name.slice(1)}`), spaced);
}
