import { readdir, readFile, rm, lstat, stat } from "node:fs/promises";
import path from "node:path";
import { LacunaError } from "../protocol/errors.js";
import { filesOf, type ManifestFile, type ManifestModel } from "../protocol/manifest.js";
import { parseManifest } from "../protocol/parseManifest.js";
import { hasCode, messageOf } from "./errorCode.js";
import type { CacheShape } from "./modelFacts.js";

/** A folder that the engine can load, or could if `problem` were not. */
export interface InstalledModel {
  /** Name of the folder. */
  readonly name: string;
  readonly folder: string;
  readonly models: readonly {
    readonly name: string;
    readonly role: string;
    readonly weights: string;
    readonly parameters: number;
    readonly bytes: number;
    readonly licence: string;
    /** Undefined for a reader, which reads its verifier's. */
    readonly cache: CacheShape | undefined;
  }[];
  /** What is wrong with its manifest; "" when nothing is. */
  readonly problem: string;
}

/** The models in the folders of `parent` that have a manifest, by name. None where there is no such folder. */
export async function installedModels(parent: string): Promise<InstalledModel[]> {
  const names = await readdir(parent).catch((error: unknown) => {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    throw new LacunaError("unreadableFile", `${parent} cannot be read: ${messageOf(error)}.`, "Check its permissions.", error);
  });
  const read = await Promise.all(names.sort().map((name) => installedModel(path.join(parent, name))));
  return read.filter((model) => model !== undefined);
}

/** The model in a folder; undefined when the folder has no manifest. */
export async function installedModel(folder: string): Promise<InstalledModel | undefined> {
  const where = { name: path.basename(folder), folder };
  try {
    const file = path.join(folder, "manifest.json");
    // Whatever else has this name, such as a pipe, might never end.
    if (!(await stat(file)).isFile()) throw new Error("manifest.json is no file.");
    const { models } = parseManifest(await readFile(file, "utf8"));
    const facts = models.map((model) => {
      const { name, role, weights, parameters, licence } = model;
      const bytes = bytesOf(ownFiles(model));
      return { name, role, weights, parameters, bytes, licence, cache: "cache" in model ? model.cache : undefined };
    });
    return { ...where, models: facts, problem: "" };
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    return { ...where, models: [], problem: messageOf(error) };
  }
}

/** The files of a model but for its tokenizer, which several may share. */
export function ownFiles(model: ManifestModel): ManifestFile[] {
  return filesOf(model).filter(({ path: file }) => !("tokenizer" in model) || file !== model.tokenizer.path);
}

/** What files take together. */
export function bytesOf(files: readonly ManifestFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Removes an installed model. Only a folder directly in `parent` is ever removed, one that has a manifest and is no link: nothing of
 * another tool, and nothing that a person put there.
 *
 * @throws LacunaError `modelUnknown` when there is none of this name; `unreadableFile` when it cannot be removed
 */
export async function removeInstalled(parent: string, name: string): Promise<void> {
  const { folder } = await findInstalled(parent, name);
  try {
    await rm(folder, { recursive: true });
  } catch (cause) {
    const sentence = `${folder} cannot be removed: ${messageOf(cause)}.`;
    throw new LacunaError("unreadableFile", sentence, "Stop the engine if it has the model loaded, and check the folder's permissions.", cause);
  }
}

/** The installed model of a name. @throws LacunaError `modelUnknown` */
export async function findInstalled(parent: string, name: string): Promise<InstalledModel> {
  const folder = path.join(parent, name);
  const isName = path.basename(folder) === name && path.dirname(folder) === path.normalize(parent);
  const isFolder = isName && (await lstat(folder).then((facts) => facts.isDirectory(), () => false)); // prettier-ignore
  const model = isFolder ? await installedModel(folder) : undefined;
  if (model !== undefined) return model;
  throw new LacunaError("modelUnknown", `There is no installed model ${name} in ${parent}.`, "`lacuna models` lists what is there.");
}
