import { createHash } from "node:crypto";
import type { ReadableFile } from "./readableFile.js";

const PIECE_BYTES = 1 << 24;

/**
 * SHA-256 of files, one after the other, in hexadecimal.
 *
 * @param pause called between two pieces; throws to end it
 */
export async function sourceHash(files: readonly ReadableFile[], pause: () => Promise<void>): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    for (let offset = 0; offset < file.size; offset += PIECE_BYTES) {
      hash.update(file.read(offset, Math.min(PIECE_BYTES, file.size - offset)));
      await pause();
    }
  }
  return hash.digest("hex");
}
