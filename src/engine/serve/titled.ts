import type { HoleParams } from "../../protocol/messages.js";
import { CONTROL } from "../../protocol/plainText.js";
import { commentOf } from "../../syntax/commentOf.js";

const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/**
 * What is read as the text before a hole: where the document says nothing yet, its file's name stands above it, as a comment.
 *
 * Without it nothing tells a model what an empty file is to be, nor in which language.
 */
export function titled({ prefix, suffix, fileName, languageId }: Pick<HoleParams, "prefix" | "suffix" | "fileName" | "languageId">): string {
  if (fileName === undefined || SAYS_SOMETHING.test(prefix) || SAYS_SOMETHING.test(suffix)) return prefix;
  const title = commentOf(fileName.replace(CONTROL, ""), languageId);
  return title === undefined ? prefix : `${title}\n${prefix}`;
}
