import { readFile } from "node:fs/promises";
import { LacunaError } from "../../src/protocol/errors.js";

/** One keystroke: what it changed, and when, in milliseconds after the first. */
export type RecordedEdit = readonly [atMs: number, offset: number, removed: number, inserted: string];

/** Typing as it happened, or as a program made it of a finished file. */
export interface Recording {
  readonly name: string;
  /** How it came about, and whose text it is. */
  readonly origin: Readonly<Record<string, string>>;
  /** The document before the first keystroke. */
  readonly start: string;
  readonly edits: readonly RecordedEdit[];
}

/**
 * Reads a recording: a line of JSON with `name`, `origin` and `start`, then one `[atMs, offset, removed, inserted]` a line,
 * offsets and lengths in UTF-16 units.
 *
 * @throws LacunaError `unreadableFile` naming the first line that is wrong, edits outside the document included
 */
export async function readRecording(file: string): Promise<Recording> {
  const fail = (sentence: string, cause?: unknown): LacunaError =>
    new LacunaError("unreadableFile", sentence, "Name a recording of keystrokes with --recording; docs/benchmarks.md says what is in one.", cause);
  let lines: string[];
  try {
    lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
  } catch (cause) {
    throw fail(`${file} cannot be read.`, cause);
  }
  const parse = (line: string, index: number): unknown => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw fail(`${file}:${index + 1} is not JSON.`, cause);
    }
  };
  const [head, ...rest] = lines.map(parse);
  const { name, origin, start } = (typeof head === "object" && head !== null ? head : {}) as Partial<Recording>;
  if (typeof name !== "string" || typeof origin !== "object" || typeof start !== "string") throw fail(`${file}:1 is not the head of a recording.`);
  if (rest.length === 0) throw fail(`${file} has no keystrokes.`);
  let length = start.length;
  let lastMs = 0;
  rest.forEach((edit, index) => {
    if (!isEdit(edit) || edit[1] + edit[2] > length || edit[0] < lastMs) throw fail(`${file}:${index + 2} is no edit that fits the document.`);
    length += edit[3].length - edit[2];
    lastMs = edit[0];
  });
  return { name, origin, start, edits: rest as RecordedEdit[] };
}

function isEdit(value: unknown): value is RecordedEdit {
  if (!Array.isArray(value) || value.length !== 4 || typeof value[3] !== "string") return false;
  return value.slice(0, 3).every((number) => typeof number === "number" && number >= 0) && Number.isInteger(value[1]) && Number.isInteger(value[2]);
}

/** The document after an edit. */
export function applyEdit(text: string, [, offset, removed, inserted]: RecordedEdit): string {
  return text.slice(0, offset) + inserted + text.slice(offset + removed);
}
