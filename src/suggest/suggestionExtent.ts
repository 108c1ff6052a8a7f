import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

/** `line`: the rest of the cursor's line. `statement`: that, and the block it opens. `block`: lines until the block or paragraph ends. */
export type SuggestionExtent = "line" | "statement" | "block";

/** Most lines of a suggestion, the cursor's included. */
export const MOST_LINES = 12;

/** Begins a line that is a comment in most languages. */
export const COMMENT = /^\s*(\/\/|#|--|;|\*|\/\*|"""|''')/;
const OPENS_BLOCK = /([{([:]|=>|->|\b(do|then|else|begin))\s*$/;

/** How much may be shown at a cursor, by the syntax around it. @param isManual whether a person asked for it */
export function suggestionExtent({ linePrefix, lineSuffix }: Surroundings, isManual: boolean): SuggestionExtent {
  // What stands behind would end up behind the last line.
  if (lineSuffix.trim() !== "") return "line";
  if (isManual) return "block";
  if (COMMENT.test(linePrefix)) return "line";
  return linePrefix.trim() === "" || opensBlock(linePrefix) ? "block" : "statement";
}

/** The most lines of a text that may be shown in an extent, as far as its first line tells: a statement goes on only where that opens a block. */
export function mostLinesOf(extent: SuggestionExtent, { linePrefix }: Surroundings, text: string): number {
  if (extent === "statement") return opensBlock(linePrefix + text.split("\n", 1)[0]) ? MOST_LINES : 1;
  return extent === "line" ? 1 : MOST_LINES;
}

/** Whether a line ends with what opens a block. */
export function opensBlock(line: string): boolean {
  return OPENS_BLOCK.test(line);
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** A word that ends a block where brackets do not. */
const END_WORD = /^(end|fi|done|esac)\b/;
const BEGUN_END_WORD = /^(e|en|end|f|fi|d|do|don|done|es|esa|esac)$/;

/**
 * Cuts text to an extent. What more text could make different is left out until it comes.
 *
 * @param text with "\n" between lines; @param maxLines most lines of a block; @param isEnded whether no more text comes
 */
export function cutToExtent(text: string, { linePrefix }: Surroundings, extent: SuggestionExtent, maxLines: number, isEnded: boolean): Trimmed {
  const lines = text.split("\n");
  const cut = (count: number): Trimmed => ({ text: lines.slice(0, count).join("\n"), isCut: count < lines.length });
  if (extent === "line") return cut(1);
  const first = linePrefix + lines[0];
  const isInside = opensBlock(first);
  if (extent === "statement" && !isInside) return cut(1);
  // The indentation of what the suggestion goes on with: nothing less indented belongs to it.
  const start = linePrefix.trim() === "" && lines[0].trim() === "" ? indentOf(lines.find((line) => line.trim() !== "") ?? "") : indentOf(first);
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index];
    const isUnfinished = index === lines.length - 1 && !isEnded;
    if (index >= maxLines) return cut(index);
    if (line.trim() === "") {
      // A blank line ends a paragraph; the first lines may be blank, and so may the last while text still comes.
      if (index < lines.length - 1 && lines.slice(0, index).some((each) => each.trim() !== "")) return cut(index);
      continue;
    }
    if (indentOf(line) < start) return cut(index);
    if (!isInside || indentOf(line) > start) continue;
    // The block is at its end: with a bracket or a word that belongs to it, which may go on with another block.
    const last = line.trim();
    if (/^[)\]}]/.test(last)) {
      if (isUnfinished || opensBlock(line)) continue;
      return { text: lines.slice(0, index + 1).join("\n"), isCut: true };
    }
    if (isUnfinished && BEGUN_END_WORD.test(last)) return { text: lines.slice(0, index).join("\n"), isCut: false };
    if (!END_WORD.test(last)) return cut(index);
    if (isUnfinished) continue;
    return { text: lines.slice(0, index + 1).join("\n"), isCut: true };
  }
  return { text, isCut: false };
}
