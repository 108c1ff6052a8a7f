import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { verifierOf } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";

/** A folder of its own with the verifier of a models folder and no diffuser. The caller removes it. */
export function verifierAlone(models: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-verifier-alone-"));
  const verifier = verifierOf(parseManifest(readFileSync(path.join(models, "manifest.json"), "utf8")));
  for (const { path: file } of [verifier.tokenizer, verifier.graph, verifier.data]) cpSync(path.join(models, file), path.join(folder, file));
  writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ formatVersion: 2, models: [verifier] }));
  return folder;
}
