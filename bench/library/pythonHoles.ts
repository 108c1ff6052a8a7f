import type { Hole } from "./hole.js";
import { pythonLines, type PythonLine } from "./pythonLines.js";

/** What starts no simple statement, or one whose loss no test of behaviour should decide. */
const NOT_A_STATEMENT =
  /^(if|elif|else|for|while|try|except|finally|with|def|class|async|match|case|@|pass\b|import\b|from\b|global\b|nonlocal\b|["']|[rRbBuU]{1,2}["'])/;
const OPENS_BLOCK = /^(async\s+)?(if|elif|else|for|while|try|except|finally|with|def)\b/;

/** Statements and the bodies of compound statements inside functions and classes. Works by indentation and brackets, as Python does. */
export function pythonHoles(text: string): Hole[] {
  const lines = pythonLines(text);
  const holes: Hole[] = [];
  lines.forEach((line, index) => {
    const code = text.slice(line.start, line.end);
    if (line.indentation > 0 && !NOT_A_STATEMENT.test(code)) holes.push({ kind: "statement", start: line.start, end: line.end });
    if (OPENS_BLOCK.test(code) && code.endsWith(":")) holes.push(...bodyOf(text, line, lines.slice(index + 1)));
  });
  return holes;
}

/** The lines below a header, a docstring left out; none for a body of one line, which is a statement. */
function bodyOf(text: string, header: PythonLine, following: readonly PythonLine[]): Hole[] {
  const end = following.findIndex(({ indentation }) => indentation <= header.indentation);
  const body = end === -1 ? following : following.slice(0, end);
  const lines = body.length > 0 && /^[rRbBuU]{0,2}["']/.test(text.slice(body[0].start, body[0].end)) ? body.slice(1) : body;
  return lines.length < 2 ? [] : [{ kind: "block", start: lines[0].start, end: lines[lines.length - 1].end }];
}
