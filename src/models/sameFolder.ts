import path from "node:path";

/** Whether two paths name the same folder, however they are written; links are not followed. */
export function isSameFolder(a: string, b: string): boolean {
  return path.resolve(a) === path.resolve(b);
}
