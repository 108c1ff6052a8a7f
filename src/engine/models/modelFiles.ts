import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../../protocol/errors.js";
import { diffuserOf, filesOf, readerOf, verifierOf, type Manifest, type ManifestFile } from "../../protocol/manifest.js";
import { parseManifest } from "../../protocol/parseManifest.js";
import { leastSequentialBytes } from "./sequentialHead.js";
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
  checkTogether(manifest);
  const files = new Map(manifest.models.flatMap(filesOf).map((file) => [file.path, file]));
  await Promise.all([...files.values()].map((file) => verifyFile(file, pathOf(file))));
  return { manifest, tokenizerJson: await readFile(pathOf(verifierOf(manifest).tokenizer), "utf8"), pathOf };
}

/**
 * A diffuser writes in the tokens of the verifier that it was made for, and a reader reads its cache, and those of no other.
 *
 * @throws LacunaError `manifestInvalid`
 */
function checkTogether(manifest: Manifest): void {
  const verifier = verifierOf(manifest);
  const reader = readerOf(manifest);
  if (reader !== undefined && (reader.verifier !== verifier.data.sha256 || Math.max(...reader.reads) >= verifier.cache.layers)) {
    throw new LacunaError(
      "manifestInvalid",
      `The reader ${reader.name} was trained for another verifier than ${verifier.name}.`,
      "Import the reader that belongs to it, or take the reader's entry out of manifest.json: the verifier works alone.",
    );
  }
  if (reader !== undefined && leastSequentialBytes(reader) > reader.sequentialData.bytes) {
    const sentence = `The reader ${reader.name} has fewer weights than its entry in manifest.json says.`;
    throw new LacunaError("manifestInvalid", sentence, "Import the reader again, or take its entry out of manifest.json: the verifier works alone.");
  }
  const diffuser = diffuserOf(manifest);
  if (diffuser === undefined) return;
  const isTogether =
    diffuser.verifier === verifier.data.sha256 &&
    diffuser.tokenizer.sha256 === verifier.tokenizer.sha256 &&
    diffuser.vocabSize === verifier.vocabSize;
  if (isTogether) return;
  throw new LacunaError(
    "manifestInvalid",
    `The diffuser ${diffuser.name} was made for another verifier than ${verifier.name}.`,
    "Import the diffuser that belongs to it, or take the diffuser's entry out of manifest.json: the verifier works alone.",
  );
}

async function readManifest(modelsDir: string): Promise<string> {
  try {
    const file = path.join(modelsDir, "manifest.json");
    if (!(await stat(file)).isFile()) throw new Error(`${file} is no file`);
    return await readFile(file, "utf8");
  } catch (cause) {
    const isFolder = await stat(modelsDir).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const sentence = isFolder ? `The folder ${modelsDir} has no readable manifest.json.` : `There is no folder ${modelsDir}.`;
    const remedy = "Name a folder that `lacuna import` wrote, or name none to use the models that come with Lacuna.";
    throw new LacunaError("modelMissing", sentence, remedy, cause);
  }
}
