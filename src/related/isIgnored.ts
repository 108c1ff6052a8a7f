import ignore, { type Ignore } from "ignore";

/** What decides which paths of a repository are left out of it. */
export interface IgnoreRules {
  /** The text of each file of rules by its folder: "" is the repository's own, others end without a slash. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether names that differ by case alone are the same, as git has it on most systems but Linux. */
  readonly ignoresCase: boolean;
}

/**
 * Whether git would leave a path out. Of several rules the last of the innermost file counts, but nothing below a folder that is
 * left out comes back.
 *
 * @param path from the repository's folder, with forward slashes
 */
export function isIgnored(path: string, { texts, ignoresCase }: IgnoreRules): boolean {
  const matchers = new Map<string, Ignore>();
  for (const [folder, text] of texts) matchers.set(folder, ignore({ ignorecase: ignoresCase }).add(text));
  const names = path.split("/");
  return names.some((_, index) => {
    const isFolder = index < names.length - 1;
    return isNamed(names.slice(0, index + 1).join("/") + (isFolder ? "/" : ""), matchers);
  });
}

/** Whether rules name a path itself, which ends with a slash if it is a folder. */
function isNamed(path: string, matchers: ReadonlyMap<string, Ignore>): boolean {
  let isOut = false;
  for (const folder of foldersAbove(path.replace(/\/$/, ""))) {
    const found = matchers.get(folder)?.test(folder === "" ? path : path.slice(folder.length + 1));
    if (found !== undefined) isOut = found.ignored || (isOut && !found.unignored);
  }
  return isOut;
}

/** The folders of a path from the outermost, "", to its own. */
export function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return ["", ...names.map((_, index) => names.slice(0, index + 1).join("/"))];
}
