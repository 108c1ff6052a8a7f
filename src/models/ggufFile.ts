import { open, type FileHandle } from "node:fs/promises";
import { ggufFacts } from "./ggufFacts.js";
import { isGguf, MAX_HEADER_BYTES, parseGgufHeader } from "./ggufHeader.js";
import { BrokenHeader, NeedsMore } from "./headerCursor.js";
import { FIM_TOKENS, type ModelFacts } from "./modelFacts.js";

/** Enough for the header of a model with a small vocabulary; larger ones are read again with more. */
const FIRST_BYTES = 2 ** 18;
const GROWTH = 4;

/**
 * What a file's header says of the model in it. Reads the header alone, never more than `MAX_HEADER_BYTES` of it, and writes nothing.
 *
 * @returns undefined for a file that does not begin as a GGUF file does
 * @throws BrokenHeader for one that does, and is not; the file system's error
 */
export async function readGgufFacts(file: string): Promise<ModelFacts | undefined> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    if (!isGguf(await readStart(handle, 4))) return undefined;
    for (let wanted = FIRST_BYTES; ; ) {
      const bytes = await readStart(handle, Math.min(wanted, size));
      try {
        return ggufFacts(parseGgufHeader(bytes, FIM_TOKENS), size);
      } catch (error) {
        if (!(error instanceof NeedsMore)) throw error;
        if (bytes.length >= size) throw new BrokenHeader("ends in the middle of its header");
        if (error.bytes > MAX_HEADER_BYTES || wanted >= MAX_HEADER_BYTES) throw new BrokenHeader("has a header larger than any model needs");
        wanted = Math.min(MAX_HEADER_BYTES, Math.max(error.bytes, wanted * GROWTH));
      }
    }
  } finally {
    await handle.close();
  }
}

async function readStart(handle: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
