import { indentOf } from "../base/indentOf.js";

/** Whether Python's text `before` ends with a line that opens a block, and what follows on the lines of `after` is no deeper; false for no code. */
export function opensInVain(before: string, after: string): boolean {
  const opening = lastLine(before);
  if (!/^\s*[^\s#].*:\s*(#.*)?$/.test(opening) || !/^[ \t]*(\n|$)/.test(before.endsWith("\n") ? "\n" : after)) return false;
  const next = after.split("\n").find((line, index) => line.trim() !== "" && (index > 0 || before.endsWith("\n")));
  return next !== undefined && indentOf(next) <= indentOf(opening);
}

/** The last line that is not blank. */
function lastLine(text: string): string {
  const code = text.trimEnd();
  return code.slice(code.lastIndexOf("\n") + 1);
}
