import type { PlaceKind } from "../protocol/suggestionBars.js";
import { COMMENT } from "./suggestionExtent.js";
import type { Surroundings } from "./surroundings.js";

const PROSE = new Set(["markdown", "mdx", "plaintext", "restructuredtext", "asciidoc", "latex", "tex", "bibtex", "git-commit", "quarto", "typst"]);

/** The kind of a cursor's place. Text in a string of several lines, as documentation is, counts as a comment. */
export function placeKind({ linePrefix, lineSuffix, code }: Surroundings, languageId: string | undefined): PlaceKind {
  if (languageId !== undefined && PROSE.has(languageId)) return "prose";
  if (COMMENT.test(linePrefix) || code.isInText) return "comment";
  return lineSuffix.trim() === "" ? "lineEnd" : "middle";
}
