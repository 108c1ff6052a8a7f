import type { CanvasCell, CellKind } from "./canvasRows.js";

/** Something to be painted, in the terms of a style sheet. */
export interface CanvasContent {
  readonly text: string;
  /** Columns from the hole or from the start of the line. */
  readonly column: number;
  /** Names of theme colours. */
  readonly colors: { readonly color: string; readonly background?: string };
  readonly style: string;
  /** What is higher covers what is lower; both cover the document. */
  readonly layer: number;
}

const BACKGROUNDS: Readonly<Partial<Record<CellKind, string>>> = {
  mask: "lacuna.maskBackground",
  fresh: "lacuna.freshBackground",
  unsure: "lacuna.unsureBackground",
  doubtful: "lacuna.doubtfulBackground",
};
const TEXT = "editor.foreground";
const BLANK = "\u00a0";
/** Free space of a mask's columns, on both sides together, and its height and place in a line of text. */
const MASK_GAP = 0.4;
const MASK_STYLE = "height: 0.75em; line-height: 0.75em; margin-top: 0.3em; border-radius: 3px";
const HINT_GAP = 3;

/** A cell of a canvas. */
export function cellContent({ kind, text, column, width }: CanvasCell): CanvasContent {
  const background = BACKGROUNDS[kind];
  const colors = background === undefined ? { color: TEXT } : { color: TEXT, background };
  if (kind !== "mask") return { text: withBlanks(text), column, colors, style: "border-radius: 3px", layer: 6 };
  return { text: BLANK, column: column + MASK_GAP / 2, colors, style: `width: ${(width - MASK_GAP).toFixed(1)}ch; ${MASK_STYLE}`, layer: 6 };
}

/** What hides a line of the document, or a part of it. @param width as a style sheet says it */
export function coverContent(width: string): CanvasContent {
  return { text: BLANK, column: 0, colors: { color: TEXT, background: "editor.background" }, style: `width: ${width}`, layer: 5 };
}

/** So many columns are there in any window; hints are smaller than code. */
const COLUMNS = 80;
const HINT_SIZE = 0.9;

/**
 * What a person can do, behind a row that ends at `column`.
 *
 * @param hints the longest first: the first one that fits into a narrow window, else the last
 * @param from where columns are counted from
 */
export function hintContent(hints: readonly string[], column: number, from = 0): CanvasContent {
  const colors = { color: "editorCodeLens.foreground" };
  const fits = (hint: string): boolean => from + column + HINT_GAP + hint.length * HINT_SIZE <= COLUMNS;
  const text = withBlanks(hints.find(fits) ?? hints.at(-1) ?? "");
  return { text, column: column + HINT_GAP, colors, style: `font-style: italic; font-size: ${100 * HINT_SIZE}%`, layer: 6 };
}

/** The column behind the last cell; 0 without any. */
export function columnBehind(cells: readonly CanvasCell[]): number {
  return cells.reduce((last, { column, width }) => Math.max(last, column + width), 0);
}

/** A style sheet's content would show several blanks as one. */
function withBlanks(text: string): string {
  return text.replaceAll(" ", BLANK);
}
