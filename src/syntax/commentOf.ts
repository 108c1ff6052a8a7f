import { syntaxOf } from "./syntaxOf.js";

/** What a pattern asks for before and behind a comment's opener. */
const CONDITIONS = /\(\?.*\)/u;

/** `text`, of one line, as a comment of a language; undefined where the language has none. @param languageId as the editor names it */
export function commentOf(text: string, languageId: string | undefined): string | undefined {
  const {
    lineComments: [line],
    blockComments: [block],
  } = syntaxOf(languageId);
  if (line !== undefined) return `${typeof line === "string" ? line : line.source.replace(CONDITIONS, "")} ${text}`;
  return block === undefined ? undefined : `${block[0]} ${text} ${block[1]}`;
}
