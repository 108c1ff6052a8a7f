import type { Output } from "./output.js";
import { offsetAt, type Position } from "./position.js";

const CONTEXT_LINES = 4;

/** Shows the lines before `from`, up to it; what is generated then follows on the same line. */
export function showBefore(output: Output, text: string, from: Position): void {
  const first = Math.max(1, from.line - CONTEXT_LINES);
  output.context(text.slice(offsetAt(text, { line: first, column: 1 }), offsetAt(text, from)));
}

/** Shows the rest of the line at `to` and the lines after it. */
export function showAfter(output: Output, text: string, to: Position): void {
  const rest = text.slice(offsetAt(text, to)).split("\n").slice(0, CONTEXT_LINES);
  output.line(output.colors.dim(rest.join("\n")));
}
