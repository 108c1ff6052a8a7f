import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";

/**
 * Makes a folder and those above it that are missing.
 *
 * Step by step, because Node's recursive form never ends where a file system answers ENOENT to every folder, as /proc does.
 *
 * @throws Error of the file system, with its `syscall`
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}
