import type { CanvasSlotText } from "../protocol/messages.js";
import { displayText } from "./displayText.js";

/**
 * How a piece of a row is painted: an undecided slot, a token by how sure the model was of it, one decided in the latest
 * step, or text of the document that stands behind the hole.
 */
export type CellKind = "mask" | "sure" | "unsure" | "doubtful" | "fresh" | "rest";

export interface CanvasCell {
  readonly kind: CellKind;
  /** Without tabs and line ends. */
  readonly text: string;
  /** Where it begins in its row, in columns; in the first row counted from the hole. */
  readonly column: number;
  /** Width in columns. */
  readonly width: number;
}

/** The lines of a canvas as they are painted. The first goes on where the hole begins. */
export type CanvasRow = readonly CanvasCell[];

export interface CanvasPlace {
  /** Column of the hole in its line; tabs reach to the next stop. */
  readonly column: number;
  readonly tabSize: number;
  /** Text of the document behind the hole, to its line's end. Painted only when canvas or hole has several lines. */
  readonly rest: string;
  readonly hasSeveralLines: boolean;
}

/** An undecided slot is as wide as a short word. */
const MASK_COLUMNS = 3;
/** Probabilities under which a token is marked. */
const SURE = 0.8;
const DOUBTFUL = 0.5;

/** What a canvas looks like. @param earlier the canvas one step before; empty when there was none */
export function canvasRows(slots: readonly CanvasSlotText[], earlier: readonly CanvasSlotText[], place: CanvasPlace): CanvasRow[] {
  const { column: start, tabSize, rest, hasSeveralLines } = place;
  const rows: CanvasCell[][] = [[]];
  let column = start;
  const put = (kind: CellKind, text: string, width: number): void => {
    const origin = rows.length === 1 ? start : 0;
    const row = rows.at(-1)!;
    const last = row.at(-1);
    const joins = last?.kind === kind && kind !== "mask";
    if (joins) row[row.length - 1] = { ...last, text: last.text + text, width: last.width + width };
    else row.push({ kind, text, column: column - origin, width });
    column += width;
  };
  const write = (kind: CellKind, text: string): void => {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (index > 0) {
        rows.push([]);
        column = 0;
      }
      // Marked blanks would look like blocks of their own.
      const blanks = kind === "rest" ? 0 : line.length - line.trimStart().length;
      for (const part of [line.slice(0, blanks), line.slice(blanks)]) {
        const shown = displayText(part, column, tabSize);
        if (shown.text !== "") put(part.trim() === "" && kind !== "rest" ? "sure" : kind, shown.text, shown.width);
      }
    }
  };
  const isNext = earlier.length === slots.length;
  for (const [index, { text, confidence }] of slots.entries()) {
    if (text === "" && confidence === 0) put("mask", "", MASK_COLUMNS);
    else write(isNext && earlier[index].text === "" ? "fresh" : kindOf(confidence), text);
  }
  if (rows.length > 1 || hasSeveralLines) write("rest", rest);
  return rows;
}

function kindOf(confidence: number): CellKind {
  if (confidence >= SURE) return "sure";
  return confidence >= DOUBTFUL ? "unsure" : "doubtful";
}
