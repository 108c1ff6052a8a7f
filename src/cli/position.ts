import { InvalidArgumentError } from "commander";
import { LacunaError } from "../protocol/errors.js";

/** A place between two UTF-16 units of a document, as VS Code shows it: both numbers from 1. */
export interface Position {
  readonly line: number;
  /** May be one past the last unit of the line; the line end is not part of the line. */
  readonly column: number;
}

/** Reads `L:C`. @throws InvalidArgumentError for any other form, or a number below 1 */
export function parsePosition(argument: string): Position {
  const match = /^(\d{1,12}):(\d{1,12})$/.exec(argument);
  const [line, column] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (line < 1 || column < 1) throw new InvalidArgumentError("A position is LINE:COLUMN, both counted from 1, such as 12:5.");
  return { line, column };
}

/** Whether `a` stands before `b`. */
export function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/**
 * The offset of `position` in `text`, in UTF-16 units. Lines end in LF, CR LF or CR.
 *
 * @throws LacunaError `badPosition` when the line or the column does not exist, or lies inside a surrogate pair
 */
export function offsetAt(text: string, { line, column }: Position): number {
  const { start, end, lines } = findLine(text, line);
  if (lines < line) {
    const count = lines === 1 ? "1 line" : `${lines} lines`;
    throw badPosition(`Line ${line} does not exist: the file has ${count}.`, `Name a line from 1 to ${lines}.`);
  }
  const lastColumn = end - start + 1;
  if (column > lastColumn) {
    const remedy = lastColumn === 1 ? `The line is empty: name ${line}:1.` : `Name a column from 1 to ${lastColumn}.`;
    throw badPosition(`Column ${column} does not exist: line ${line} ends at column ${lastColumn}.`, remedy);
  }
  const offset = start + column - 1;
  if (isHighSurrogate(text.charCodeAt(offset - 1)) && isLowSurrogate(text.charCodeAt(offset))) {
    throw badPosition(
      `Position ${line}:${column} lies inside a character of two UTF-16 units.`,
      `Name column ${column - 1} (before it) or ${column + 1} (after it).`,
    );
  }
  return offset;
}

/** Where the wanted line lies, its end left out, and how many lines were counted up to it or to the end of the text. */
function findLine(text: string, wanted: number): { start: number; end: number; lines: number } {
  const lineEnds = /\r\n|\n|\r/g;
  let start = 0;
  for (let lines = 1; ; lines += 1) {
    const found = lineEnds.exec(text);
    const end = found === null ? text.length : found.index;
    if (lines === wanted || found === null) return { start, end, lines };
    start = lineEnds.lastIndex;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

function badPosition(sentence: string, remedy: string): LacunaError {
  return new LacunaError("badPosition", sentence, remedy);
}
