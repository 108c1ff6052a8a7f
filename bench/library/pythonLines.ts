/** A logical line: several lines of text where a bracket, a string or a backslash holds them together. */
export interface PythonLine {
  /** Of the first character that is not white space, in UTF-16 units. */
  readonly start: number;
  /** Behind the last character that is neither white space nor comment. */
  readonly end: number;
  /** Columns, a tab going to the next multiple of 8. */
  readonly indentation: number;
}

/** A string with its prefix, a comment, a line continuation, a bracket, a line break, or anything else, one character at a time. */
const PIECE = /(?:[rRbBuUfF]{0,2})(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*')|#[^\n]*|\\\n|[^]/y;

/** The logical lines of a Python file that hold code. */
export function pythonLines(text: string): PythonLine[] {
  const lines: PythonLine[] = [];
  let depth = 0;
  let start = -1;
  let end = -1;
  let lineStart = 0;
  const finish = (): void => {
    if (start !== -1) lines.push({ start, end, indentation: columns(text.slice(lineStart, start)) });
    start = -1;
  };
  const piece = new RegExp(PIECE);
  for (let at = 0; at < text.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const [found] = piece.exec(text) ?? [""];
    if (found === "\n" && depth === 0) {
      finish();
      lineStart = at + 1;
    } else if (found.startsWith("#") || found === "\\\n" || /^\s$/.test(found)) {
      continue;
    } else {
      if (start === -1) start = at;
      end = at + found.length;
      if (/^[([{]$/.test(found)) depth += 1;
      if (/^[)\]}]$/.test(found)) depth = Math.max(0, depth - 1);
    }
  }
  finish();
  return lines;
}

function columns(white: string): number {
  let count = 0;
  for (const character of white) count = character === "\t" ? (Math.floor(count / 8) + 1) * 8 : count + 1;
  return count;
}
