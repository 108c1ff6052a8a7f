import type { Surroundings } from "./surroundings.js";

/** `line`: the rest of the cursor's line. `statement`: that, and the block it opens. `block`: lines until the block or paragraph ends. */
export type SuggestionExtent = "line" | "statement" | "block";

const CLOSERS_ONLY = /^[\s)\]}"'`>;,]*$/;
const COMMENT = /^\s*(\/\/|#|--|;|\*|\/\*|"""|''')/;
const OPENS_BLOCK = /([{([:]|=>|->|\b(do|then|else|begin))\s*$/;

/** How much may be shown at a cursor, by the syntax around it. @param isManual whether a person asked for it */
export function suggestionExtent({ linePrefix, lineSuffix }: Surroundings, isManual: boolean): SuggestionExtent {
  if (!CLOSERS_ONLY.test(lineSuffix)) return "line";
  if (isManual) return "block";
  if (COMMENT.test(linePrefix)) return "line";
  if (linePrefix.trim() === "" || opensBlock(linePrefix)) return lineSuffix.trim() === "" || opensBlock(linePrefix) ? "block" : "line";
  return lineSuffix.trim() === "" ? "statement" : "line";
}

/** Whether a line ends with what opens a block. */
export function opensBlock(line: string): boolean {
  return OPENS_BLOCK.test(line);
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/**
 * Cuts text to an extent.
 *
 * @param text with "\n" between lines; @param maxLines most lines of a block
 * @returns the text and whether it was cut, so that nothing more of it is needed
 */
export function cutToExtent(
  text: string,
  { linePrefix }: Surroundings,
  extent: SuggestionExtent,
  maxLines: number,
): { readonly text: string; readonly isCut: boolean } {
  const lines = text.split("\n");
  const cut = (count: number): { text: string; isCut: boolean } => ({ text: lines.slice(0, count).join("\n"), isCut: count < lines.length });
  if (extent === "line") return cut(1);
  const first = linePrefix + lines[0];
  if (extent === "statement" && !opensBlock(first)) return cut(1);
  // The indentation of what the suggestion goes on with: nothing less indented belongs to it.
  const start = linePrefix.trim() === "" && lines[0].trim() === "" ? indentOf(lines.find((line) => line.trim() !== "") ?? "") : indentOf(first);
  const isInside = opensBlock(first);
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index];
    const isLast = index === lines.length - 1;
    if (index >= maxLines) return cut(index);
    if (line.trim() === "") {
      // A blank line ends a paragraph; the first lines may be blank, and so may the last while text still comes.
      if (!isLast && lines.slice(0, index).some((each) => each.trim() !== "")) return cut(index);
      continue;
    }
    if (indentOf(line) < start) return cut(index);
    const closesBlock = isInside && indentOf(line) === start;
    if (closesBlock) return /^[)\]}]|^(end|fi|done)\b/.test(line.trim()) ? cut(index + 1) : cut(index);
  }
  return { text, isCut: false };
}
