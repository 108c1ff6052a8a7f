import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseManifest, type Manifest, type ManifestModel } from "../protocol/manifest.js";
import { describeFile } from "./describeFile.js";
import { makeFolder } from "./makeFolder.js";
import { readSpecialIds } from "./specialTokens.js";
import { unusable } from "./unusable.js";

/**
 * Checks that a model of `role` with this tokenizer fits into a models folder, before anything in the folder changes.
 *
 * @returns the models of the folder that would stay: those of the other role
 * @throws LacunaError `checkpointUnusable` when a special token is missing or the tokenizers differ, `manifestInvalid`
 */
export function checkFits(modelsDir: string, tokenizerPath: string, role: ManifestModel["role"]): readonly ManifestModel[] {
  readSpecialIds(tokenizerPath);
  const manifestPath = path.join(modelsDir, "manifest.json");
  const present = existsSync(manifestPath) ? parseManifest(readFileSync(manifestPath, "utf8")) : undefined;
  const kept = (present?.models ?? []).filter((other) => other.role !== role);
  if (kept.length === 0) return kept;
  const shared = path.join(modelsDir, "tokenizer.json");
  if (!existsSync(shared) || !readFileSync(shared).equals(readFileSync(tokenizerPath))) {
    throw unusable(`has another tokenizer than the ${kept[0].role} in ${modelsDir}; the two must share one`);
  }
  return kept;
}

/**
 * Puts a converted model into the manifest of its models folder: in the place of an earlier one of the same role, or
 * beside one of the other role if that one has the same tokenizer.
 *
 * @throws LacunaError as `checkFits`
 */
export function addToManifest(modelsDir: string, tokenizerPath: string, model: ManifestModel): Manifest {
  const kept = checkFits(modelsDir, tokenizerPath, model.role);
  makeFolder(modelsDir);
  const shared = path.join(modelsDir, "tokenizer.json");
  if (path.resolve(shared) !== path.resolve(tokenizerPath)) copyFileSync(tokenizerPath, shared);
  const manifest: Manifest = {
    formatVersion: 1,
    tokenizer: describeFile(modelsDir, shared),
    specialIds: readSpecialIds(tokenizerPath),
    models: [...kept, model],
  };
  writeFileSync(path.join(modelsDir, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}
