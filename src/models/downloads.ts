import { rm } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../protocol/errors.js";
import { messageOf } from "./errorCode.js";
import { filesBelow } from "./filesBelow.js";
import { partPath } from "./partFile.js";

/** A file that was downloaded, or as much of it as has come. */
export interface DownloadedFile {
  /** Name of the folder that it lies in. */
  readonly name: string;
  /** Path of the file, also while only a part of it is there. */
  readonly path: string;
  readonly bytes: number;
  readonly isWhole: boolean;
}

/** What lies in the folder of downloads, by name. */
export async function downloadedFiles(parent: string): Promise<DownloadedFile[]> {
  const files: DownloadedFile[] = [];
  const suffix = partPath("");
  for await (const { path: file, facts } of filesBelow(parent, [])) {
    const isWhole = file.endsWith(".gguf");
    if (!isWhole && !file.endsWith(`.gguf${suffix}`)) continue;
    const whole = isWhole ? file : file.slice(0, -suffix.length);
    files.push({ name: path.relative(parent, path.dirname(file)), path: whole, bytes: facts.size, isWhole });
  }
  return files;
}

/** Removes a model's folder of downloads, if there is one. @throws LacunaError `unreadableFile` */
export async function removeDownload(parent: string, name: string): Promise<void> {
  const folder = path.join(parent, name);
  if (path.dirname(folder) !== path.normalize(parent)) return;
  await rm(folder, { recursive: true, force: true }).catch((cause: unknown) => {
    throw new LacunaError("unreadableFile", `${folder} cannot be removed: ${messageOf(cause)}.`, "Check the folder's permissions.", cause);
  });
}
