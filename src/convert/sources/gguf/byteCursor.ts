import type { ReadableFile } from "../readableFile.js";
import { unusable } from "../../unusable.js";

const PIECE_BYTES = 1 << 20;

/** Reads a file's little-endian values one after the other, and says before each reading whether so much is there. */
export class ByteCursor {
  readonly #file: ReadableFile;
  readonly #end: number;
  #piece = new Uint8Array(0);
  #view = new DataView(this.#piece.buffer);
  #pieceStart = 0;
  #offset = 0;

  /** @param mostBytes how far it reads at most */
  constructor(file: ReadableFile, mostBytes: number) {
    this.#file = file;
    this.#end = Math.min(file.size, mostBytes);
  }

  get offset(): number {
    return this.#offset;
  }

  /** Throws unless `count` items of at least `bytes` bytes each can follow. @throws LacunaError `checkpointUnusable` */
  expect(count: number, bytes: number, what: string): void {
    if (!Number.isSafeInteger(count) || count < 0 || count * bytes > this.#end - this.#offset) {
      const why = this.#end < this.#file.size ? "has a header that is too long to be one" : "is cut short, or no GGUF file";
      throw unusable(`${why}: ${this.#file.name} cannot hold ${what}`);
    }
  }

  u8(): number {
    return this.#next(1, (view, at) => view.getUint8(at));
  }

  u32(): number {
    return this.#next(4, (view, at) => view.getUint32(at, true));
  }

  /** An unsigned 64-bit integer; those above 2^53 come out rounded, which no size in a file may be. */
  u64(): number {
    return this.#next(8, (view, at) => Number(view.getBigUint64(at, true)));
  }

  /** `length` bytes; valid until the next reading. */
  bytes(length: number): Uint8Array {
    this.#fill(length);
    const at = this.#offset - this.#pieceStart;
    this.#offset += length;
    return this.#piece.subarray(at, at + length);
  }

  #next(length: number, read: (view: DataView, at: number) => number): number {
    this.#fill(length);
    const value = read(this.#view, this.#offset - this.#pieceStart);
    this.#offset += length;
    return value;
  }

  #fill(length: number): void {
    this.expect(length, 1, `${length} bytes more`);
    if (this.#offset + length <= this.#pieceStart + this.#piece.length) return;
    this.#pieceStart = this.#offset;
    this.#piece = this.#file.read(this.#offset, Math.min(Math.max(length, PIECE_BYTES), this.#end - this.#offset));
    this.#view = new DataView(this.#piece.buffer);
  }
}
