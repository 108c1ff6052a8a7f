import path from "node:path";

/**
 * How the person who reads a message starts this program again, from where they are: `lacuna` when they started it by that name,
 * else `node` and the script.
 *
 * @param script as it was started, an absolute path
 */
export function commandName(script: string, workingDir: string): string {
  if (path.basename(script) === "lacuna") return "lacuna";
  const relative = path.relative(workingDir, script);
  const shown = relative.startsWith("..") || path.isAbsolute(relative) ? script : relative;
  return `node ${/\s/.test(shown) ? JSON.stringify(shown) : shown}`;
}

/** `text` with its commands of `lacuna`, which stand between backticks, as the reader can type them. */
export function withCommandName(text: string, command: string): string {
  return text.replaceAll(/`lacuna(?=[ `])/g, `\`${command}`);
}
