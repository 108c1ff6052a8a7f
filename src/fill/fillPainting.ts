import { cellContent, columnBehind, coverContent, hintContent, type CanvasContent } from "./canvasContent.js";
import { canvasRows, type CanvasRow } from "./canvasRows.js";
import { displayText } from "./displayText.js";
import type { HoleView } from "./fillSession.js";

/** A place in a document. */
export interface LinePlace {
  readonly line: number;
  readonly character: number;
}

/** A part of a document; the end does not belong to it. */
export interface LineRange {
  readonly start: LinePlace;
  readonly end: LinePlace;
}

/** What is to be seen of the holes of a document. */
export interface PaintedDocument {
  readonly lineAt: (line: number) => string;
  readonly lineCount: number;
  readonly tabSize: number;
  /** The last line on the screen. */
  readonly lastVisibleLine: number;
}

/** Content at a row and column that are counted from a hole, or at a column that is counted from the start of the line. */
export interface PlacedContent {
  readonly anchor: LinePlace;
  /** Rows below the anchor's line. */
  readonly row: number;
  readonly isFromAnchor: boolean;
  readonly content: CanvasContent;
}

/** What a preview consists of. */
export interface Painting {
  readonly contents: readonly PlacedContent[];
  /** Text of the document that makes room. */
  readonly hidden: readonly LineRange[];
  /** Room of so many columns, at holes. */
  readonly rooms: readonly { readonly anchor: LinePlace; readonly columns: number }[];
}

/** A hole with its place and what is to be seen in it. */
export interface PlacedHole extends LineRange {
  readonly view: HoleView;
}

/** Shown where no canvas has come yet. */
const FIRST_MASKS = Array.from({ length: 3 }, () => ({ text: "", confidence: 0 }));
const MOST_MOVED_LINES = 120;

interface HoleRows extends PlacedHole {
  /** Column of the hole in its line. */
  readonly column: number;
  readonly rows: readonly CanvasRow[];
  /** Rows that its line is moved down by what was filled in before it. */
  readonly down: number;
  /** Whether another hole comes before it on its line. */
  readonly isFollowing: boolean;
}

/**
 * Lays out a preview: every hole with its canvas, and, where a canvas has more lines than its hole, the document's lines below it moved
 * down, as they will stand once the text is put in. Nothing of the document is covered by something else.
 *
 * @param active index of the hole that the keys act on; @param hints what they do, the longest first: the first one counts that fits
 */
export function fillPainting(document: PaintedDocument, holes: readonly PlacedHole[], active: number, hints: readonly string[]): Painting {
  const contents: PlacedContent[] = [];
  const hidden: LineRange[] = [];
  const laidOut = rowsOf(document, holes);
  for (const [index, hole] of laidOut.entries()) {
    const next = laidOut.at(index + 1);
    const put = (row: number, content: CanvasContent, isFromAnchor = row === 0): void =>
      void contents.push({ anchor: hole.start, row: row + hole.down, isFromAnchor, content });
    paintHole(document, hole, put);
    const lineEnd = document.lineAt(hole.start.line).length;
    const isRowed = hole.rows.length > 1 || hole.end.line > hole.start.line;
    if (isRowed) hidden.push({ start: hole.start, end: { line: hole.start.line, character: lineEnd } });
    else if (hole.view.hole.end > hole.view.hole.start) hidden.push({ start: hole.start, end: hole.end });
    for (const [offset, text] of linesBetween(document, hole, next).entries()) {
      const row = hole.end.line + 1 + offset + downAfter(hole) - hole.start.line - hole.down;
      put(row, coverContent("100vw"), false);
      if (text !== "") put(row, cellContent({ kind: "rest", text, column: 0, width: text.length }), false);
    }
  }
  const hinted = laidOut.findIndex(({ view }) => view === holes[active].view);
  if (hinted !== -1) contents.push(hintOf(document, laidOut, hinted, hints));
  return {
    contents,
    hidden,
    rooms: laidOut.map(({ start, rows }) => ({ anchor: start, columns: widthOf(rows[0].filter(({ kind }) => kind !== "rest")) })),
  };
}

function rowsOf(document: PaintedDocument, holes: readonly PlacedHole[]): HoleRows[] {
  const laidOut: HoleRows[] = [];
  for (const [index, hole] of holes.entries()) {
    const { view, start, end } = hole;
    if (view.slots.length === 0 && !view.isFilling) continue;
    const next = holes.at(index + 1);
    const before = laidOut.at(-1);
    const isFollowing = before?.end.line === start.line;
    const down = before === undefined ? 0 : isFollowing ? before.down : downAfter(before);
    const behind = document.lineAt(end.line).slice(end.character, next?.start.line === end.line ? next.start.character : undefined);
    const isLastOfLine = next?.start.line !== end.line;
    const column = displayText(document.lineAt(start.line).slice(0, start.character), 0, document.tabSize).width;
    // Where the line has moved, nothing of it is seen but what is painted.
    const place = {
      column,
      tabSize: document.tabSize,
      rest: isLastOfLine || down > 0 ? behind : "",
      hasSeveralLines: end.line > start.line || down > 0,
    };
    laidOut.push({ ...hole, column, down, isFollowing, rows: canvasRows(view.slots.length > 0 ? view.slots : FIRST_MASKS, view.earlier, place) });
  }
  return laidOut;
}

/** Rows that the lines below a hole are moved down. */
function downAfter({ start, end, rows, down }: HoleRows): number {
  return down + Math.max(0, rows.length - 1 - (end.line - start.line));
}

function paintHole(
  document: PaintedDocument,
  { view, start, end, rows, down, isFollowing }: HoleRows,
  put: (row: number, content: CanvasContent, isFromAnchor?: boolean) => void,
): void {
  if (down > 0 && !isFollowing) {
    put(0, coverContent("100vw"), false);
    const { text, width } = displayText(document.lineAt(start.line).slice(0, start.character), 0, document.tabSize);
    if (text !== "") put(0, cellContent({ kind: "rest", text, column: 0, width }), false);
  }
  // The selection is drawn behind the text, and would tint the canvas.
  if (view.hole.end > view.hole.start) put(0, coverContent(`${widthOf(rows[0])}ch`));
  const covered = Math.max(rows.length - 1, end.line - start.line);
  for (let row = 1; row <= covered; row += 1) put(row, coverContent("100vw"));
  for (const [row, cells] of rows.entries()) for (const cell of cells) put(row, cellContent(cell));
}

/** The lines below a hole that are moved down, as an editor shows them; up to the next hole's, and not far beyond the screen. */
function linesBetween({ lineAt, lineCount, lastVisibleLine, tabSize }: PaintedDocument, hole: HoleRows, next: HoleRows | undefined): string[] {
  if (downAfter(hole) === 0) return [];
  const first = hole.end.line + 1;
  const end = Math.min(next?.start.line ?? lineCount, lineCount, Math.max(lastVisibleLine + 1, first), first + MOST_MOVED_LINES);
  return Array.from({ length: Math.max(0, end - first) }, (_, offset) => displayText(lineAt(first + offset), 0, tabSize).text);
}

/** The hint behind everything on the last row of a hole. */
function hintOf(document: PaintedDocument, holes: readonly HoleRows[], active: number, hints: readonly string[]): PlacedContent {
  const hole = holes[active];
  const last = hole.rows.length - 1;
  const anchor = hole.start;
  if (last > 0 || hole.end.line > hole.start.line || hole.down > 0) {
    const column = columnBehind(hole.rows[last]);
    const isFromAnchor = last === 0;
    const content = hintContent(hints, column, isFromAnchor ? hole.column : 0);
    return { anchor, row: last + hole.down, isFromAnchor, content };
  }
  const line = document.lineAt(hole.end.line);
  let column = widthOf(hole.rows[0]) + displayText(line.slice(hole.end.character), hole.column, document.tabSize).width;
  for (const { start, end, rows } of holes.slice(active + 1).filter((each) => each.start.line === hole.end.line)) {
    column += widthOf(rows[0]) - (end.line === start.line ? end.character - start.character : line.length - start.character);
  }
  return { anchor, row: 0, isFromAnchor: true, content: hintContent(hints, column, hole.column) };
}

function widthOf(row: CanvasRow): number {
  return row.reduce((sum, { width }) => sum + width, 0);
}
