import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { unusable } from "../unusable.js";

/** One call of the system reads at most this much. */
const MAX_READ_BYTES = 1 << 30;

/** A file that is open for reading. */
export class ReadableFile {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly #handle: number;

  /** @throws LacunaError `checkpointUnusable` when there is no such file */
  constructor(file: string) {
    this.path = file;
    this.name = path.basename(file);
    try {
      // Opening a pipe would wait for who writes into it.
      if (!statSync(file).isFile()) throw new Error("not a file");
      this.#handle = openSync(file, "r");
      this.size = fstatSync(this.#handle).size;
    } catch (cause) {
      throw unusable(`lacks the file ${this.name}, or it cannot be read`, cause);
    }
  }

  /**
   * `length` bytes from `offset` on, in memory of their own.
   *
   * @throws LacunaError `checkpointUnusable` when the file ends before that
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    if (offset + length > this.size) throw unusable(`is cut short: ${this.name}`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = readSync(this.#handle, bytes, done, Math.min(length - done, MAX_READ_BYTES), offset + done);
      if (count === 0) throw unusable(`is cut short: ${this.name}`);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#handle);
  }
}
