import { indentOf } from "../base/indentOf.js";

/** Lines of a file, the first of them 0, the last included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

const MOST_LINES = 16;
const MOST_UNITS = 600;

/**
 * What of a definition a prompt holds: its first lines.
 *
 * @param lines of the whole definition, or of its name alone: then what is indented below belongs to it, up to the end of its block
 */
export function definitionPiece(text: string, { first, last }: Lines): string {
  const lines = text.split(/\r?\n/).slice(first, first + MOST_LINES);
  const count = last > first ? last - first + 1 : blockLines(lines);
  let units = 0;
  const long = lines.findIndex((line) => (units += line.length + 1) > MOST_UNITS);
  return `${lines.slice(0, Math.min(count, long === -1 ? lines.length : Math.max(1, long))).join("\n")}\n`;
}

/** The first line, those below that are indented deeper, and a line at its depth that closes a bracket. */
function blockLines(lines: readonly string[]): number {
  const depth = indentOf(lines[0] ?? "");
  const after = lines.findIndex((line, index) => index > 0 && line.trim() !== "" && indentOf(line) <= depth);
  if (after === -1) return lines.length;
  return /^\s*[)\]}]/.test(lines[after]) ? after + 1 : after;
}
