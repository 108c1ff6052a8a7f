import { readFile } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../../protocol/errors.js";
import { parseManifest, type Manifest, type ManifestFile, type ManifestModel } from "../../protocol/manifest.js";
import { verifyFile } from "./verifyFile.js";

/** The files of a models folder, each of the size and hash that the manifest names. */
export interface ModelFiles {
  readonly manifest: Manifest;
  readonly tokenizerJson: string;
  pathOf(file: ManifestFile): string;
}

/**
 * Reads a models folder and checks every file in it before anything is loaded.
 *
 * @throws LacunaError `modelMissing`, `manifestInvalid`, `modelTruncated` or `modelHashMismatch`
 */
export async function openModelFiles(modelsDir: string): Promise<ModelFiles> {
  const pathOf = (file: ManifestFile): string => path.join(modelsDir, file.path);
  const manifest = parseManifest(await readManifest(modelsDir));
  const files = [manifest.tokenizer, ...manifest.models.flatMap((model) => [model.graph, model.data])];
  await Promise.all(files.map((file) => verifyFile(file, pathOf(file))));
  return { manifest, tokenizerJson: await readFile(pathOf(manifest.tokenizer), "utf8"), pathOf };
}

/** The one model of `role`. @throws LacunaError `manifestInvalid` */
export function modelOfRole(manifest: Manifest, role: ManifestModel["role"]): ManifestModel {
  const model = manifest.models.find((candidate) => candidate.role === role);
  if (model === undefined) {
    throw new LacunaError("manifestInvalid", `The model manifest names no ${role}.`, "Reinstall Lacuna, or import one with `lacuna import`.");
  }
  return model;
}

async function readManifest(modelsDir: string): Promise<string> {
  try {
    return await readFile(path.join(modelsDir, "manifest.json"), "utf8");
  } catch (cause) {
    const sentence = `There is no readable manifest.json in ${modelsDir}.`;
    throw new LacunaError("modelMissing", sentence, "Reinstall Lacuna, or name a folder with models.", cause);
  }
}
