import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import type { HubRecord } from "./hubRecord.js";

/** What is written beside a part, so that a later process knows whether it may go on with it. */
interface PartNote {
  readonly sha256: string;
  readonly bytes: number;
  /** The strong validator that the server gave with the bytes; "" where it gave none. */
  readonly etag: string;
}

/**
 * A file that is not whole yet: `FILE.part`, and `FILE.part.json` with what it is to become. Bytes are only ever added at the end, so
 * that its size says where to go on. One process at a time holds it.
 */
export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #record: HubRecord;
  readonly #handle: FileHandle;
  #bytes: number;
  #etag: string;

  private constructor(target: string, record: HubRecord, handle: FileHandle, bytes: number, etag: string) {
    this.path = partPath(target);
    this.#target = target;
    this.#record = record;
    this.#handle = handle;
    this.#bytes = bytes;
    this.#etag = etag;
  }

  /**
   * Opens the part of `target`: the one that is there, when its note says that it is of the same file; else a new, empty one.
   *
   * @throws the file system's error
   */
  static async open(target: string, record: HubRecord): Promise<PartFile> {
    const note = await readNote(target);
    const { size } = await stat(partPath(target)).catch(() => ({ size: 0 }));
    const goesOn = note?.sha256 === record.sha256 && note.bytes === record.bytes && size <= record.bytes;
    if (!goesOn) await discardPart(target);
    // Makes it where there is none. Written to in another way: bytes are to go where they are told to.
    await (await open(partPath(target), "a")).close();
    const handle = await open(partPath(target), "r+");
    const part = new PartFile(target, record, handle, goesOn ? size : 0, goesOn ? note.etag : "");
    await part.#writeNote();
    return part;
  }

  /** How much of the file is there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The validator to send with If-Range; "" where there is none. */
  get etag(): string {
    return this.#etag;
  }

  /** Keeps the validator that the server gave with its bytes. */
  async setEtag(etag: string): Promise<void> {
    if (etag === this.#etag) return;
    this.#etag = etag;
    await this.#writeNote();
  }

  /** Adds bytes at the end. @throws the file system's error; what was written until then counts */
  async append(piece: Uint8Array): Promise<void> {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await this.#handle.write(piece, done, piece.length - done, this.#bytes);
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }

  /** Empties it. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#bytes = 0;
    await this.setEtag("");
  }

  /** Gives it its name. The caller has checked that it is whole and right. */
  async finish(): Promise<void> {
    await this.#handle.sync();
    await this.close();
    await rename(this.path, this.#target);
    await discardPart(this.#target);
  }

  /** Removes it. */
  async discard(): Promise<void> {
    await this.close();
    await discardPart(this.#target);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #writeNote(): Promise<void> {
    const { sha256, bytes } = this.#record;
    const note: PartNote = { sha256, bytes, etag: this.#etag };
    await writeFile(`${notePath(this.#target)}.new`, `${JSON.stringify(note)}\n`);
    await rename(`${notePath(this.#target)}.new`, notePath(this.#target));
  }
}

/** Path of a file while it is not whole. */
export function partPath(target: string): string {
  return `${target}.part`;
}

const notePath = (target: string): string => `${partPath(target)}.json`;

async function discardPart(target: string): Promise<void> {
  await rm(partPath(target), { force: true });
  await rm(notePath(target), { force: true });
}

async function readNote(target: string): Promise<PartNote | undefined> {
  try {
    const { sha256, bytes, etag } = JSON.parse(await readFile(notePath(target), "utf8")) as Record<keyof PartNote, unknown>;
    const isNote = typeof sha256 === "string" && typeof bytes === "number" && typeof etag === "string";
    return isNote ? { sha256, bytes, etag } : undefined;
  } catch {
    return undefined;
  }
}
