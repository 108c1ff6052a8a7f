import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { hasCode, messageOf } from "./errorCode.js";

/** Something that cannot be looked at, and why. */
export interface Skipped {
  readonly path: string;
  /** Completes "It ...". */
  readonly why: string;
}

export interface FoundFile {
  readonly path: string;
  readonly facts: Stats;
}

/** Deeper folders, and more entries than this below one root, are left alone and told. */
export const MAX_DEPTH = 12;
export const MAX_ENTRIES = 50_000;

/**
 * The plain files below a folder, in the order of their names. Links are followed, to files and folders, and each folder is entered
 * once, so that a loop of links ends. A root that does not exist has no files; whatever else cannot be read is told and passed over.
 *
 * @param skipped receives what was passed over
 */
export async function* filesBelow(root: string, skipped: Skipped[], limits = { depth: MAX_DEPTH, entries: MAX_ENTRIES }): AsyncGenerator<FoundFile> {
  const entered = new Set<string>();
  const waiting = [{ folder: root, depth: 0 }];
  let entries = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { folder, depth } = next;
    const listed = await list(folder, entered, skipped, folder === root);
    const inner: string[] = [];
    for (const { name } of listed.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      entries += 1;
      if (entries > limits.entries) {
        skipped.push({ path: root, why: `has more than ${limits.entries} entries; the rest was not looked at` });
        return;
      }
      const entry = path.join(folder, name);
      // A link to nothing, or a file that has just gone.
      const facts = await stat(entry).catch(() => undefined);
      if (facts?.isFile() === true) yield { path: entry, facts };
      else if (facts?.isDirectory() === true && depth < limits.depth) inner.push(entry);
      else if (facts?.isDirectory() === true) skipped.push({ path: entry, why: `lies more than ${limits.depth} folders deep` });
    }
    for (const entry of inner.reverse()) waiting.push({ folder: entry, depth: depth + 1 });
  }
}

/** The entries of a folder that was not entered yet. */
async function list(folder: string, entered: Set<string>, skipped: Skipped[], isRoot: boolean): Promise<Dirent[]> {
  try {
    const real = await realpath(folder);
    if (entered.has(real)) return [];
    entered.add(real);
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (!(isRoot && hasCode(error, "ENOENT", "ENOTDIR"))) skipped.push({ path: folder, why: `cannot be read: ${messageOf(error)}` });
    return [];
  }
}
