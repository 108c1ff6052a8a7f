import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

const MEANINGFUL = /[\p{L}\p{N}_]/u;
/** A line is a loop when it comes so often in a row. */
const LINE_REPEATS = 3;
/** So is a piece of a line. */
const PIECE_REPEATS = 8;
const LOOP = /(\S{1,12}\s?)\1{7,}/;
const BEGUN_LOOP = /^(\S{1,12}\s?)\1{2,}\S{0,12}\s?$/;

const unchanged = (text: string): Trimmed => ({ text, isCut: false });
const firstLines = (lines: readonly string[], count: number, isCut: boolean): Trimmed => ({ text: lines.slice(0, count).join("\n"), isCut });

/** Brackets alone say where they belong only by their indentation. */
function isSameLine(a: string, b: string): boolean {
  return a.trimEnd() === b.trimEnd() || (MEANINGFUL.test(a) && a.trim() === b.trim());
}

/** Whether an unfinished line may still become `whole`. */
function mayBecome(begun: string, whole: string): boolean {
  return begun.trim() !== "" && whole.trimStart().startsWith(begun.trim());
}

/** Cuts at the first line that stands below already. */
export function withoutRepeatedLinesBelow(text: string, { linePrefix, linesBelow }: Surroundings, isEnded: boolean): Trimmed {
  const lines = text.split("\n");
  const [below] = linesBelow;
  if (below === undefined) return unchanged(text);
  for (const [at, line] of lines.entries()) {
    const whole = at === 0 ? linePrefix + line : line;
    const isUnfinished = at === lines.length - 1 && !isEnded;
    if (isUnfinished && mayBecome(whole, below)) return firstLines(lines, at, false);
    if (whole.trim() !== "" && isSameLine(whole, below) && (at > 0 || MEANINGFUL.test(whole))) return firstLines(lines, at, true);
  }
  return unchanged(text);
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
  return whole.trim() === above.trim() ? { text: "", isCut: true } : unchanged(text);
}

/** Cuts where a line comes for the third time in a row, and where a piece of the first line comes for the ninth. */
export function withoutLoops(text: string, _around: Surroundings, isEnded: boolean): Trimmed {
  const lines = text.split("\n");
  if (!isEnded && lines.length === 1 && BEGUN_LOOP.test(text) && MEANINGFUL.test(text)) return { text: "", isCut: false };
  const loop = LOOP.exec(lines[0]);
  if (loop !== null && MEANINGFUL.test(loop[1])) {
    const kept = lines[0].slice(0, loop.index + PIECE_REPEATS * loop[1].length);
    return { text: loop.index === 0 ? "" : kept, isCut: true };
  }
  const at = lines.findIndex((line, index) => line.trim() !== "" && isRepeated(lines, index, (each) => each.trim() === line.trim()));
  if (at !== -1) return firstLines(lines, at, true);
  const last = lines.length - 1;
  const isBegun = (each: string): boolean => each.trim() === lines[last - 1].trim() && mayBecome(lines[last], each);
  return !isEnded && isRepeated(lines, last, isBegun) ? firstLines(lines, last, false) : unchanged(text);
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
  if (shown.endsWith(behind)) return { text: shown.slice(0, -behind.length), isCut: isEnded };
  if (isEnded) return unchanged(text);
  // The longest end of the text that may be the start of what stands behind.
  for (let length = Math.min(behind.length, text.length); length > 0; length -= 1) {
    if (text.endsWith(behind.slice(0, length))) return { text: text.slice(0, -length), isCut: false };
  }
  return unchanged(text);
}
