import { indentOf } from "../base/indentOf.js";
import { isClosingWord } from "./closingWord.js";
import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

const MEANINGFUL = /[\p{L}\p{N}_]/u;
const ENDS_IN_WORD = /[\p{L}\p{N}_]$/u;
const BEGINS_WITH_WORD = /^[\p{L}\p{N}_]/u;
/** A line is a loop when it comes so often in a row. */
const LINE_REPEATS = 3;

const unchanged = (text: string): Trimmed => ({ text, isCut: false });
const firstLines = (lines: readonly string[], count: number, isCut: boolean): Trimmed => ({ text: lines.slice(0, count).join("\n"), isCut });

/** Brackets and closing words alone say where they belong only by their indentation. */
function isSameLine(a: string, b: string): boolean {
  return a.trimEnd() === b.trimEnd() || (MEANINGFUL.test(a) && !isClosingWord(a) && a.trim() === b.trim());
}

/** Whether a line stands below already, and not in a block that the text itself has opened: deeper there than below, and than a line before it. */
function isLineBelow(lines: readonly string[], at: number, below: string): boolean {
  const indent = indentOf(lines[at]);
  const isInOwnBlock = indent > indentOf(below) && lines.slice(0, at).some((line) => line.trim() !== "" && indentOf(line) < indent);
  return isSameLine(lines[at], below) && !isInOwnBlock;
}

/** Whether an unfinished line may still become `whole`. */
function mayBecome(begun: string, whole: string): boolean {
  return begun.trim() !== "" && whole.trimStart().startsWith(begun.trim());
}

/** The lines of a text as they will stand: the first one goes on a line that is begun. */
const wholeLines = (lines: readonly string[], linePrefix: string): string[] => lines.map((line, at) => (at === 0 ? linePrefix + line : line));

/** Cuts at the first line that stands below already. */
export function withoutRepeatedLinesBelow(text: string, { linePrefix, linesBelow }: Surroundings, isEnded: boolean): Trimmed {
  const lines = text.split("\n");
  const [below] = linesBelow;
  if (below === undefined) return unchanged(text);
  const whole = wholeLines(lines, linePrefix);
  for (const [at, line] of whole.entries()) {
    const isUnfinished = at === lines.length - 1 && !isEnded;
    if (isUnfinished && mayBecome(line, below)) return firstLines(lines, at, false);
    if (line.trim() !== "" && isLineBelow(whole, at, below) && (at > 0 || MEANINGFUL.test(line))) return firstLines(lines, at, true);
  }
  return unchanged(text);
}

/**
 * Cuts the whole text of a hole at the first line that stands below it already. A first line like that one is no echo where the
 * others do not go on as the lines below do: what is missing may well equal what follows. Nor is one that a cut before it would
 * take out of brackets that the text itself closes.
 */
export function withoutEcho(text: string, { linePrefix, lineSuffix, linesBelow, code }: Surroundings): Trimmed {
  const isBlank = linePrefix.trim() === "";
  const below = isBlank && lineSuffix.trim() !== "" ? [linePrefix + lineSuffix, ...linesBelow] : linesBelow;
  const lines = wholeLines(text.split("\n"), linePrefix);
  const said = [...lines.keys()].filter((at) => lines[at].trim() !== "");
  const repeated = said.findIndex((at) => below.length > 0 && isLineBelow(lines, at, below[0]));
  if (repeated === -1) return unchanged(text);
  if (repeated === 0) {
    const isEcho = said.length > 1 && said.every((at, index) => index >= below.length || isSameLine(lines[at], below[index]));
    return isEcho ? { text: "", isCut: true } : unchanged(text);
  }
  const cut = firstLines(text.split("\n"), said[repeated], true);
  const [open, openAtEnd, openBefore] = [cut.text, text, ""].map((each) => code.read(each).frames.length);
  return open > Math.max(openAtEnd, openBefore) ? unchanged(text) : cut;
}

/** Refuses a text that begins with the line above. */
export function withoutRepeatedLineAbove(text: string, { linePrefix, lineAbove }: Surroundings, isEnded: boolean): Trimmed {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.trim() !== "");
  const whole = at === 0 ? linePrefix + lines[0] : (lines[at] ?? "");
  // A text that begins on a new line has the cursor's line above it.
  const above = at > 0 && linePrefix.trim() !== "" ? linePrefix : lineAbove;
  if (!MEANINGFUL.test(above)) return unchanged(text);
  if (at === lines.length - 1 && !isEnded && mayBecome(whole, above)) return { text: "", isCut: false };
  return isSameLine(whole, above) ? { text: "", isCut: true } : unchanged(text);
}

/** Cuts where a line comes for the third time in a row. */
export function withoutLineLoops(text: string, { linePrefix }: Surroundings, isEnded: boolean): Trimmed {
  const said = text.split("\n");
  const lines = wholeLines(said, linePrefix);
  const at = lines.findIndex((line, index) => line.trim() !== "" && isRepeated(lines, index, (each) => isSameLine(each, line)));
  if (at !== -1) return firstLines(said, at, true);
  const last = lines.length - 1;
  const isBegun = (each: string): boolean => isSameLine(each, lines[last - 1]) && mayBecome(lines[last], each);
  return !isEnded && isRepeated(lines, last, isBegun) ? firstLines(said, last, false) : unchanged(text);
}

/** Whether the lines before `index` that would make it a loop are all alike. */
function isRepeated(lines: readonly string[], index: number, isAlike: (line: string) => boolean): boolean {
  return index >= LINE_REPEATS - 1 && lines.slice(index - LINE_REPEATS + 1, index).every(isAlike);
}

/** The end of a one-line text that stands behind the cursor already goes, unless it is brackets, which are replaced. */
export function withoutLineSuffix(text: string, { lineSuffix }: Surroundings, isEnded: boolean): Trimmed {
  const behind = lineSuffix.trimEnd();
  if (behind.trim() === "" || text.includes("\n") || /^[)\]}"'`]/.test(behind)) return unchanged(text);
  const shown = text.trimEnd();
  const kept = shown.slice(0, shown.length - behind.length);
  // The end of a word may be the word that follows.
  const isPartOfWord = ENDS_IN_WORD.test(kept) && BEGINS_WITH_WORD.test(behind);
  if (shown.endsWith(behind) && !isPartOfWord) return { text: kept, isCut: isEnded };
  if (isEnded) return unchanged(text);
  // The longest end of the text that may be the start of what stands behind.
  for (let length = Math.min(behind.length, text.length); length > 0; length -= 1) {
    if (text.endsWith(behind.slice(0, length))) return { text: text.slice(0, -length), isCut: false };
  }
  return unchanged(text);
}
