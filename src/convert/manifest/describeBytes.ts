import { createHash } from "node:crypto";
import type { ManifestFile } from "../../protocol/manifest.js";

/** A file's manifest entry. @param path relative to the manifest, with forward slashes */
export function describeBytes(path: string, bytes: Uint8Array): ManifestFile {
  return { path, sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}
