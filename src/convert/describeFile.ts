import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { ManifestFile } from "../protocol/manifest.js";

/** A file's manifest entry; its path is relative to the models folder. */
export function describeFile(modelsDir: string, filePath: string): ManifestFile {
  const bytes = readFileSync(filePath);
  return {
    path: path.relative(modelsDir, filePath).split(path.sep).join("/"),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    bytes: bytes.length,
  };
}
