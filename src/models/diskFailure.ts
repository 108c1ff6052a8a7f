import { statfs } from "node:fs/promises";
import { LacunaError } from "../protocol/errors.js";
import { hasCode, messageOf } from "./errorCode.js";
import { spokenBytes } from "./spoken.js";

/** Left free on the disk beside what is downloaded. */
const RESERVE_BYTES = 64 * 2 ** 20;

/** What is free on the disk of a folder; undefined where there is no such folder, or the file system cannot say. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const facts = await statfs(folder).catch(() => undefined);
  return facts === undefined ? undefined : facts.bavail * facts.bsize;
}

/**
 * Checks that a disk has room, before anything is written.
 *
 * @throws LacunaError `diskFull`
 */
export async function checkSpace(folder: string, bytes: number): Promise<void> {
  const free = (await freeBytes(folder)) ?? Infinity;
  if (free >= bytes + RESERVE_BYTES) return;
  const sentence = `The disk of ${folder} has ${spokenBytes(free)} free; ${spokenBytes(bytes + RESERVE_BYTES)} are needed.`;
  throw new LacunaError("diskFull", sentence, "Make room, or name a folder on another disk in LACUNA_DATA.");
}

/** What an error of the file system means for a download. */
export function diskFailure(error: unknown, folder: string): LacunaError {
  if (hasCode(error, "ENOSPC", "EDQUOT", "EFBIG")) {
    const remedy = "Make room and run it again: it goes on where it stopped. LACUNA_DATA names a folder on another disk.";
    return new LacunaError("diskFull", `The disk of ${folder} is full.`, remedy, error);
  }
  return new LacunaError("unreadableFile", `${folder} cannot be written to: ${messageOf(error)}.`, "Check the folder and its permissions.", error);
}
