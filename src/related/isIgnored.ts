import ignore from "ignore";

/**
 * Whether files named .gitignore leave a path out.
 *
 * @param path from the workspace's folder, with forward slashes
 * @param rules the text of each .gitignore by its folder: "" is the workspace's own, others end without a slash
 */
export function isIgnored(path: string, rules: ReadonlyMap<string, string>): boolean {
  let isOut = false;
  for (const folder of foldersAbove(path)) {
    const text = rules.get(folder);
    if (text === undefined) continue;
    const { ignored, unignored } = ignore()
      .add(text)
      .test(folder === "" ? path : path.slice(folder.length + 1));
    isOut = ignored || (isOut && !unignored);
  }
  return isOut;
}

/** The folders of a path from the outermost, "", to its own. */
export function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return ["", ...names.map((_, index) => names.slice(0, index + 1).join("/"))];
}
