import { createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";
import { LacunaError } from "../protocol/errors.js";
import { diskFailure } from "./diskFailure.js";
import { messageOf } from "./errorCode.js";

/**
 * Takes files out of a zip archive, each as it comes: memory does not grow with them.
 *
 * @param names in the archive; each file gets the last part of its name, in `folder`, which is there
 * @throws LacunaError `downloadBroken` when one is not in it or cannot be read, `diskFull`, `unreadableFile`
 */
export async function unpack(archive: string, names: readonly string[], folder: string): Promise<void> {
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw broken(archive, messageOf(error), error);
  });
  const left = new Set(names);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!left.delete(entry.fileName)) continue;
      const target = path.join(folder, path.posix.basename(entry.fileName));
      const source = await zip.openReadStreamPromise(entry);
      await pipeline(source, createWriteStream(target)).catch((error: unknown) => {
        throw isOfDisk(error) ? diskFailure(error, folder) : error;
      });
    }
  } catch (error) {
    throw error instanceof LacunaError ? error : broken(archive, messageOf(error), error);
  } finally {
    zip.close();
  }
  if (left.size > 0) throw broken(archive, `there is no ${[...left].join(", ")} in it`);
}

const isOfDisk = (error: unknown): boolean => error instanceof Error && "syscall" in error;

function broken(archive: string, why: string, cause?: unknown): LacunaError {
  return new LacunaError("downloadBroken", `${archive} cannot be unpacked: ${why}.`, "Remove it, and run the command again.", cause);
}
