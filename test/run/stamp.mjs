import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./execute.mjs";

/** A hash of the names and contents of files. */
export function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${path.relative(root, file)}\0`);
    hash.update(readFileSync(file));
    hash.update("\0");
  }
  return hash.digest("hex");
}

/** Whether `stamp` holds the digest that the files have now. */
export const isFresh = (stamp, files) => existsSync(stamp) && readFileSync(stamp, "utf8") === digest(files);
