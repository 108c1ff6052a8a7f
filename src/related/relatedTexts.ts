import type { RelatedText } from "../protocol/messages.js";
import { identifiers, similarity } from "./identifiers.js";
import { importedNames, moduleName } from "./importedNames.js";

/** Another file from which something may be taken. */
export interface OtherFile {
  /** From the workspace's folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** The text that is being written. */
export interface Writing {
  readonly text: string;
  /** Where the cursor is, in UTF-16 units. */
  readonly offset: number;
}

const LINES_BEFORE = 40;
const LINES_AFTER = 20;
const WINDOW_LINES = 24;
/** Pieces are small, so that some fit beside a long prefix. */
const MOST_UNITS = 1200;
const MOST_PIECES = 4;
const MOST_PIECES_OF_FILE = 2;
const MOST_DEFINITIONS = 3;
const LEAST_SIMILARITY = 0.04;
/** What a file that is imported, and one that was in hand last, is ahead of others. */
const IMPORTED_BONUS = 0.1;
const LATEST_BONUS = 0.02;

interface Scored extends RelatedText {
  readonly score: number;
}

/**
 * The pieces of other files that have most to do with what is being written, the best last.
 *
 * Windows of lines are compared by the names in them with the lines around the cursor.
 *
 * @param files the latest in hand first
 * @param definitions of names about the cursor, the nearest first; they come behind the windows, unless one of those holds them
 */
export function relatedTexts({ text, offset }: Writing, files: readonly OtherFile[], definitions: readonly RelatedText[] = []): RelatedText[] {
  const wanted = identifiers(linesAround(text, offset));
  const imported = importedNames(text);
  const pieces = files.flatMap((file, index) => {
    const bonus = (imported.has(moduleName(file.path)) ? IMPORTED_BONUS : 0) + LATEST_BONUS / (index + 1);
    return bestPieces(file, wanted, bonus);
  });
  const best = pieces.sort((a, b) => b.score - a.score).slice(0, MOST_PIECES);
  const isHeld = (definition: RelatedText): boolean =>
    best.some(({ path, text: piece }) => path === definition.path && piece.includes(definition.text));
  const defined = definitions.filter((definition) => !isHeld(definition)).slice(0, MOST_DEFINITIONS);
  return [...best.reverse().map(({ path, text: piece }) => ({ path, text: piece })), ...defined.reverse()];
}

/** Windows that do not overlap. */
function bestPieces({ path, text }: OtherFile, wanted: ReadonlySet<string>, bonus: number): Scored[] {
  const lines = text.split(/\r?\n/);
  const starts = Array.from({ length: Math.ceil(lines.length / (WINDOW_LINES / 2)) }, (_, index) => (index * WINDOW_LINES) / 2);
  const windows = starts.map((start) => {
    const piece = withinUnits(lines.slice(start, start + WINDOW_LINES));
    return { start, text: piece, alike: similarity(wanted, identifiers(piece)) };
  });
  const chosen: typeof windows = [];
  for (const window of windows.filter(({ alike }) => alike >= LEAST_SIMILARITY).sort((a, b) => b.alike - a.alike)) {
    if (chosen.length === MOST_PIECES_OF_FILE) break;
    if (chosen.every(({ start }) => Math.abs(start - window.start) >= WINDOW_LINES)) chosen.push(window);
  }
  return chosen.map(({ text: piece, alike }) => ({ path, text: piece, score: alike + bonus }));
}

function linesAround(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n").slice(-LINES_BEFORE);
  return [...before, ...text.slice(offset).split("\n", LINES_AFTER)].join("\n");
}

/** Whole lines, as many as are not too long together. */
function withinUnits(lines: readonly string[]): string {
  let units = 0;
  const end = lines.findIndex((line) => (units += line.length + 1) > MOST_UNITS);
  return `${lines.slice(0, end === -1 ? lines.length : end).join("\n")}\n`;
}
