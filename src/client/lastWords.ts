const STACK_LINE = /^\s+at |^\s*\d+: 0x|^-+ .* -+$/;
const NODE_VERSION = /^Node\.js v\d/;
/** How a runtime begins to say what went wrong: `TypeError: ...`, `Error [CODE]: ...`, `FATAL ERROR: ...`, `node: ...`. */
const ERROR_LINE = /^(Uncaught )?([A-Za-z]*(Error|Exception)( \[\w+\])?|FATAL ERROR|Fatal error|node): \S/;

/**
 * The line of a process's stderr that says best why it ended: the last one that names an error, else the last one that is
 * neither a line of a stack nor the version under it.
 *
 * @returns "" when nothing was said
 */
export function lastWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trimEnd());
  const said = lines.filter((line) => line !== "" && !STACK_LINE.test(line) && !NODE_VERSION.test(line));
  return (said.findLast((line) => ERROR_LINE.test(line)) ?? said.at(-1) ?? "").trim();
}
