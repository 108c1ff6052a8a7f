import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { LacunaError } from "../../protocol/errors.js";
import type { ManifestFile } from "../../protocol/manifest.js";

/**
 * Checks that a model's file is the one the manifest describes.
 *
 * @throws LacunaError `modelMissing`, `modelTruncated` or `modelHashMismatch`
 */
export async function verifyFile(expected: ManifestFile, filePath: string): Promise<void> {
  const { bytes, sha256 } = await measure(filePath);
  if (bytes !== expected.bytes) {
    const sentence = `The model file ${filePath} has ${bytes} bytes instead of ${expected.bytes}.`;
    throw new LacunaError("modelTruncated", sentence, "Reinstall Lacuna: the file was cut short or replaced.");
  }
  if (sha256 !== expected.sha256) {
    const sentence = `The model file ${filePath} is not the one that was shipped.`;
    throw new LacunaError("modelHashMismatch", sentence, "Reinstall Lacuna: the file was changed.");
  }
}

async function measure(filePath: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(filePath, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } catch (cause) {
    throw new LacunaError("modelMissing", `The model file ${filePath} is missing or cannot be read.`, "Reinstall Lacuna.", cause);
  }
  return { bytes, sha256: hash.digest("hex") };
}
