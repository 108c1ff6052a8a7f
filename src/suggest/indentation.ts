import type { Surroundings } from "./surroundings.js";

export type IndentStyle = { readonly kind: "tabs" } | { readonly kind: "spaces"; readonly width: number };

const LINES_SEEN = 300;
const SPACES_OF_TAB = 4;
/** A style is one that so large a share of the indented lines has. */
const CLEAR_SHARE = 0.8;

const indentOf = (line: string): string => /^[ \t]*/.exec(line)![0];
const widthOf = (line: string): number => indentOf(line).replaceAll("\t", " ".repeat(SPACES_OF_TAB)).length;

/** How a text indents; undefined when it does not, or in several ways. */
export function indentStyle(text: string): IndentStyle | undefined {
  const indents = text
    .split("\n")
    .slice(-LINES_SEEN)
    .filter((line) => line.trim() !== "")
    .map(indentOf)
    .filter((indent) => indent !== "");
  if (indents.length === 0) return undefined;
  const share = indents.filter((indent) => indent.startsWith("\t")).length / indents.length;
  if (share >= CLEAR_SHARE) return { kind: "tabs" };
  if (share > 1 - CLEAR_SHARE) return undefined;
  const widths = indents.filter((indent) => !indent.includes("\t")).map(({ length }) => length);
  const isMost = (width: number): boolean => widths.filter((each) => each % width === 0).length >= widths.length * CLEAR_SHARE;
  return { kind: "spaces", width: [8, 4, 2].find(isMost) ?? SPACES_OF_TAB };
}

/**
 * A text with the indentation of its lines in a style. What is appended to the text only appends to the result: white
 * space at its end, which may yet grow, is left out.
 *
 * @param isLineStart whether the text begins where only white space stands before it on its line
 */
export function reindented(text: string, style: IndentStyle, isLineStart: boolean): string {
  return indented(text.trimEnd() === text ? text : text.replace(/\r?\n?[ \t]*$/, ""), style, isLineStart);
}

function indented(text: string, style: IndentStyle, isLineStart: boolean): string {
  const lines = text.split("\n");
  return lines.map((line, at) => (at === 0 && !isLineStart ? line : styled(line, style))).join("\n");
}

function styled(line: string, style: IndentStyle): string {
  const indent = indentOf(line);
  const rest = line.slice(indent.length);
  if (style.kind === "spaces") return indent.replaceAll("\t", " ".repeat(style.width)) + rest;
  return indent.replaceAll(/ {1,4}/g, (spaces) => (spaces.length > 1 ? "\t" : spaces)) + rest;
}

/** What makes a text indent as the text before it does, or after it where that does not tell. A text that grows only grows. */
export function adaptation({ prefix, suffix }: { readonly prefix: string; readonly suffix: string }): (text: string) => string {
  const style = indentStyle(prefix) ?? indentStyle(suffix);
  const isLineStart = prefix.slice(prefix.lastIndexOf("\n") + 1).trim() === "";
  return (text) => (style === undefined ? text : reindented(text, style, isLineStart));
}

/** The same for a text to which nothing is appended: the white space at its end stays. */
export function wholeAdaptation(around: { readonly prefix: string; readonly suffix: string }): (text: string) => string {
  const adapt = adaptation(around);
  return (text) => {
    const body = text.trimEnd();
    return adapt(body) + text.slice(body.length);
  };
}

/** Whether a text makes the indentation of the cursor's line deeper than the line above lets it be. */
export function isOverIndented(text: string, { linePrefix, lineAbove }: Surroundings): boolean {
  if (linePrefix === "" || linePrefix.trim() !== "" || !/^[ \t]+\S/.test(text)) return false;
  const isEnded = /[;},]\s*$/.test(lineAbove);
  const most = widthOf(lineAbove) + (isEnded ? 0 : SPACES_OF_TAB);
  return lineAbove !== "" && widthOf(linePrefix + text) > most;
}
