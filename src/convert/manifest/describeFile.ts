import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";
import type { ManifestFile } from "../protocol/manifest.js";

/** Files are hashed piece by piece, since weights may be larger than any one buffer. */
const PIECE_BYTES = 1 << 24;

/** A file's manifest entry; its path is relative to the models folder, with forward slashes. */
export function describeFile(modelsDir: string, filePath: string): ManifestFile {
  const hash = createHash("sha256");
  const piece = new Uint8Array(PIECE_BYTES);
  const handle = openSync(filePath, "r");
  let bytes = 0;
  try {
    for (let count = -1; count !== 0; bytes += count) {
      count = readSync(handle, piece, 0, PIECE_BYTES, bytes);
      hash.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
  return { path: path.relative(modelsDir, filePath).split(path.sep).join("/"), sha256: hash.digest("hex"), bytes };
}
