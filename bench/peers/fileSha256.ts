import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { LacunaError } from "../../src/protocol/errors.js";

/** The hash of a file. @throws LacunaError `unreadableFile` */
export async function fileSha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new LacunaError("unreadableFile", `${file} cannot be read.`, "Name the GGUF file that the models were imported from with --gguf.", cause);
  }
  return hash.digest("hex");
}
