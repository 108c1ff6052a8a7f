import path from "node:path";
import { unusable } from "../unusable.js";
import { ReadableFile } from "./readableFile.js";

/** More than any settings or tokenizer takes; the largest vocabularies have some 35 MB. */
const MOST_BYTES = 48 * 2 ** 20;

/**
 * The text of a file beside the weights, whose size is looked at before anything is read of it.
 *
 * @throws LacunaError `checkpointUnusable`
 */
export function readText(file: string): string {
  const opened = new ReadableFile(file);
  try {
    if (opened.size > MOST_BYTES) throw unusable(`has a ${path.basename(file)} of ${opened.size} bytes, which is absurd`);
    return Buffer.from(opened.read(0, opened.size).buffer).toString("utf8");
  } finally {
    opened.close();
  }
}
