import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** Files below a folder of the repository: paths from its root, with forward slashes, sorted. */
export function filesBelow(folder: string, ending = ""): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll(path.sep, "/"))
    .sort();
}
