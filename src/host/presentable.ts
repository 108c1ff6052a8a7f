import { closerOverlap } from "./closerOverlap.js";
import { cutToExtent, type SuggestionExtent } from "./suggestionExtent.js";
import type { Surroundings } from "./surroundings.js";

/** Why a text is not shown. */
export type Objection =
  | "The model wrote nothing here."
  | "The suggestion was only white space."
  | "The suggestion repeated the line above."
  | "The suggestion repeated the lines below."
  | "The suggestion was not text of a file."
  | "The suggestion repeated itself.";

/** A suggestion as it may be shown; "\n" between lines. */
export interface Presentable {
  readonly text: string;
  /** Characters behind the cursor that it replaces. */
  readonly replaced: number;
  /** Whether more text from the engine could not make it longer. */
  readonly isWhole: boolean;
}

export interface PresentableOptions {
  readonly extent: SuggestionExtent;
  /** Whether the engine has said everything; if not, nothing is shown that more text could take back. */
  readonly isWhole: boolean;
  readonly maxLines?: number;
}

const MAX_LINES = 12;
/** Special tokens spelt out, text that is not Unicode, control characters. */
const JUNK = /<\|[\w ]+\|>|<\/?s>|<(fim|file)_\w+>|\uFFFD|[\0-\x08\x0e-\x1f]/;
const MEANINGFUL = /[\p{L}\p{N}_]/u;
const REPEATS = 3;

/** What may be shown of the engine's text at a place, or why nothing may. */
export function presentable(raw: string, around: Surroundings, options: PresentableOptions): Presentable | Objection {
  const { extent, isWhole, maxLines = MAX_LINES } = options;
  const text = raw.replaceAll("\r\n", "\n");
  if (text === "") return "The model wrote nothing here.";
  if (text.trim() === "") return "The suggestion was only white space.";
  const clean = text.split(JUNK)[0];
  if (clean.trim() === "") return "The suggestion was not text of a file.";
  const inExtent = cutToExtent(clean, around, extent, maxLines);
  const isEnded = isWhole || inExtent.isCut || clean !== text;
  const kept = withoutLinesBelow(inExtent.text, around, isEnded);
  if (kept.trim() === "") return inExtent.text.trim() === "" ? "The suggestion was only white space." : "The suggestion repeated the lines below.";
  if (repeatsLineAbove(kept, around)) return "The suggestion repeated the line above.";
  const steady = withoutLoops(kept);
  if (steady.trim() === "") return "The suggestion repeated itself.";
  const shown = withoutLineSuffix(steady, around.lineSuffix).trimEnd();
  if (shown.trim() === "") return "The suggestion repeated the lines below.";
  const isCut = kept !== inExtent.text || steady !== kept;
  return { text: shown, replaced: closerOverlap(shown, around.lineSuffix), isWhole: isEnded || isCut };
}

/** Cuts at the first line that already stands below. While text still comes, a last line that may become such a one waits. */
function withoutLinesBelow(text: string, { linePrefix, linesBelow }: Surroundings, isEnded: boolean): string {
  const lines = text.split("\n");
  const below = linesBelow[0]?.trim();
  if (below === undefined) return text;
  const index = lines.findIndex((line, at) => {
    const whole = (at === 0 ? linePrefix + line : line).trim();
    if (whole === below) return at > 0 || MEANINGFUL.test(whole);
    const isUnfinished = at === lines.length - 1 && !isEnded;
    return isUnfinished && at > 0 && whole !== "" && below.startsWith(whole);
  });
  return index === -1 ? text : lines.slice(0, index).join("\n");
}

function repeatsLineAbove(text: string, { linePrefix, lineAbove }: Surroundings): boolean {
  const first = text.split("\n").find((line) => line.trim() !== "") ?? "";
  const whole = (text.startsWith("\n") ? first : linePrefix + first).trim();
  return MEANINGFUL.test(whole) && whole === lineAbove.trim();
}

/** Cuts where a line comes for the third time in a row, and refuses a line that is one piece over and over. */
function withoutLoops(text: string): string {
  const lines = text.split("\n");
  if (/(\S{1,12}\s?)\1{7,}/.test(lines[0]) && MEANINGFUL.test(lines[0])) return "";
  const looping = lines.findIndex((line, at) => at >= REPEATS - 1 && line.trim() !== "" && isRepeated(lines, at));
  return looping === -1 ? text : lines.slice(0, looping - REPEATS + 2).join("\n");
}

function isRepeated(lines: readonly string[], at: number): boolean {
  return lines.slice(at - REPEATS + 1, at).every((line) => line.trim() === lines[at].trim());
}

/** The end of a one-line suggestion that stands behind the cursor already goes, unless it is brackets, which are replaced. */
function withoutLineSuffix(text: string, lineSuffix: string): string {
  const behind = lineSuffix.trimEnd();
  if (behind.trim() === "" || text.includes("\n") || /^[)\]}]/.test(behind)) return text;
  return text.trimEnd().endsWith(behind) ? text.trimEnd().slice(0, -behind.length) : text;
}
