import { open, type FileHandle } from "node:fs/promises";
import { headerReading, isGguf } from "../gguf/ggufHeader.js";
import { ggufFacts } from "./ggufFacts.js";
import type { ModelFacts } from "./modelFacts.js";

/**
 * What a file's header says of the model in it. Reads the header alone, and writes nothing.
 *
 * @returns undefined for a file that does not begin as a GGUF file does
 * @throws BrokenHeader for one that does, and is not; the file system's error
 */
export async function readGgufFacts(file: string): Promise<ModelFacts | undefined> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    if (!isGguf(await readStart(handle, Math.min(4, size)))) return undefined;
    const reading = headerReading(size);
    let step = reading.next();
    while (step.done !== true) step = reading.next(await readStart(handle, step.value));
    return ggufFacts(step.value, size);
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
