import { readFile } from "node:fs/promises";
import path from "node:path";
import { verifyFile } from "../engine/models/verifyFile.js";
import { bytesOf, ownFiles } from "../models/installed.js";
import { LacunaError } from "../protocol/errors.js";
import { type ManifestFile, type ManifestModel } from "../protocol/manifest.js";
import { parseManifest } from "../protocol/parseManifest.js";

/** What became of checking one file of a models folder, or the files of one model. */
export interface ModelCheck {
  readonly name: string;
  readonly role: ManifestModel["role"] | "tokenizer";
  readonly weights: string | null;
  readonly parameters: number | null;
  readonly bytes: number;
  /** Every file has the size and the SHA-256 that the manifest names. */
  readonly ok: boolean;
  /** What is wrong; "" when nothing is. */
  readonly detail: string;
}

/**
 * Checks every file of a models folder, and goes on after one that is wrong.
 *
 * @throws LacunaError `manifestInvalid`; the file system's error when there is no manifest
 */
export async function checkModels(modelsDir: string): Promise<ModelCheck[]> {
  const { models } = parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8"));
  const verdict = async (files: readonly ManifestFile[]): Promise<{ bytes: number; ok: boolean; detail: string }> => {
    const details = await Promise.all(files.map((file) => faultOf(path.join(modelsDir, file.path), file)));
    const detail = details.filter((text) => text !== "").join(" ");
    return { bytes: bytesOf(files), ok: detail === "", detail };
  };
  const tokenizers = [
    ...new Map(models.flatMap((model) => ("tokenizer" in model ? [[model.tokenizer.path, model.tokenizer] as const] : []))).values(),
  ];
  const unlike = { role: "tokenizer" as const, weights: null, parameters: null };
  return Promise.all([
    ...models.map(async (model) => {
      const { name, role, weights, parameters } = model;
      return { name, role, weights, parameters, ...(await verdict(ownFiles(model))) };
    }),
    ...tokenizers.map(async (tokenizer) => ({ name: tokenizer.path, ...unlike, ...(await verdict([tokenizer])) })),
  ]);
}

async function faultOf(filePath: string, expected: ManifestFile): Promise<string> {
  try {
    await verifyFile(expected, filePath);
    return "";
  } catch (error) {
    if (error instanceof LacunaError) return error.message;
    throw error;
  }
}
