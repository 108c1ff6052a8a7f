import { closeSync, openSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { unusable } from "./unusable.js";

/** One call of the system reads at most this much. */
const MAX_READ_BYTES = 1 << 30;

/** @throws LacunaError `checkpointUnusable` when there is no such file */
export function fileSize(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw unusable(`lacks the file ${path.basename(file)}`, cause);
  }
}

/**
 * `length` bytes of a file from `offset` on, in memory of their own.
 *
 * @throws LacunaError `checkpointUnusable` when the file ends before that
 */
export function readBytes(file: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const handle = openSync(file, "r");
  try {
    for (let done = 0; done < length;) {
      const count = readSync(handle, bytes, done, Math.min(length - done, MAX_READ_BYTES), offset + done);
      if (count === 0) throw unusable(`is cut short: ${path.basename(file)}`);
      done += count;
    }
  } finally {
    closeSync(handle);
  }
  return bytes;
}
