import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LacunaError } from "../../protocol/errors.js";
import { diffuserOf, filesOf, readerOf, verifierOf, type Manifest, type ManifestModel } from "../../protocol/manifest.js";
import { parseManifest } from "../../protocol/parseManifest.js";
import { makeFolder } from "./makeFolder.js";

const MANIFEST = "manifest.json";
/** What to do where a model does not fit. */
export const DISK_REMEDY = "Free some space, or name a folder on another disk: with --out, or for all models in LACUNA_DATA.";
/** Files that a folder of a model has, or had before it was finished. */
const OWN_FILE = /\.onnx(\.data)?$|^(tokenizer\.json|README\.md|LICENSE|NOTICE)$/;
/** What must stay free besides the model itself. */
const SPARE_BYTES = 64 << 20;

/**
 * A folder with a manifest and a model for each role. A model is written beside its place and takes it when it is
 * complete: whatever happens before leaves the folder as it was.
 */
export class ModelsFolder {
  readonly path: string;
  readonly manifest: Manifest | undefined;
  /** Folders above it, and itself, that were not there before. */
  #made: string[] = [];

  /** @throws LacunaError `manifestInvalid` when there is a manifest that cannot be read, `folderTaken` where that is no file */
  constructor(folder: string) {
    this.path = folder;
    const file = path.join(folder, MANIFEST);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile()) {
      throw new LacunaError("folderTaken", `${file} is there already, and is no file.`, "Name another folder with --out, or move it away.");
    }
    this.manifest = found === undefined ? undefined : parseManifest(readFileSync(file, "utf8"));
  }

  /** Where a model is written before it takes its place. */
  unfinished(role: ManifestModel["role"]): string {
    return path.join(this.path, `${role}.unfinished`);
  }

  /**
   * Makes an empty folder for a model that is to be written.
   *
   * @param bytes what it will take
   * @throws LacunaError `folderTaken` when something else is in its place; `diskFull` when there is too little room; Error of the file system
   */
  begin(role: ManifestModel["role"], bytes: number): string {
    if (role !== "reader") this.#checkFree(role);
    this.#made = missingFolders(this.path);
    makeFolder(this.path);
    try {
      const { bavail, bsize } = statfsSync(this.path);
      if (bavail * bsize < bytes + SPARE_BYTES) throw tooLittleRoom(this.path, bytes, bavail * bsize);
      const unfinished = this.unfinished(role);
      rmSync(unfinished, { recursive: true, force: true });
      makeFolder(unfinished);
      return unfinished;
    } catch (error) {
      this.abandon(role);
      throw error;
    }
  }

  /** Removes what was written of a model, and the folders that were made for it. */
  abandon(role: ManifestModel["role"]): void {
    rmSync(this.unfinished(role), { recursive: true, force: true });
    for (const folder of this.#made) {
      try {
        rmdirSync(folder);
      } catch {
        // Somebody else has put something into it, or it was never made.
        return;
      }
    }
  }

  /**
   * Puts a complete model into its place, and into the manifest in place of an earlier one of its role. What belongs to another
   * verifier, or has been replaced, goes; a reader goes with the folder of its verifier in any case.
   */
  finish(entry: ManifestModel): Manifest {
    const manifest = this.#with(entry);
    const moves = this.#movesOf(entry);
    const earlier = (place: string): string => `${place}.earlier`;
    for (const { place } of moves) rmSync(earlier(place), { recursive: true, force: true });
    const moved: string[] = [];
    try {
      for (const { from, place } of moves) {
        moved.push(place);
        if (existsSync(place)) renameSync(place, earlier(place));
        renameSync(from, place);
      }
      const file = path.join(this.path, MANIFEST);
      writeFileSync(`${file}.unfinished`, `${JSON.stringify(manifest, undefined, 2)}\n`);
      renameSync(`${file}.unfinished`, file);
    } catch (error) {
      for (const place of moved) {
        if (!existsSync(earlier(place))) continue;
        rmSync(place, { recursive: true, force: true });
        renameSync(earlier(place), place);
      }
      throw error;
    }
    for (const { place } of moves) rmSync(earlier(place), { recursive: true, force: true });
    rmSync(this.unfinished(entry.role), { recursive: true, force: true });
    if (diffuserOf(manifest) === undefined && this.#owns("diffuser")) rmSync(path.join(this.path, "diffuser"), { recursive: true, force: true });
    const gone = this.manifest === undefined || readerOf(manifest) !== undefined ? undefined : readerOf(this.manifest);
    for (const file of gone === undefined ? [] : filesOf(gone)) rmSync(path.join(this.path, file.path), { force: true });
    return manifest;
  }

  /** Whether the folder of this name was written by an import, by what the manifest says. */
  #owns(name: string): boolean {
    return (this.manifest?.models ?? []).flatMap(filesOf).some((file) => file.path.startsWith(`${name}/`));
  }

  /** A folder that somebody put there is not replaced, nor removed where it has a name that this one gives to what is unfinished. */
  #checkFree(role: "verifier" | "diffuser"): void {
    const place = path.join(this.path, role);
    if (isThere(place) && !this.#owns(role)) throw taken(place);
    for (const each of [this.unfinished(role), `${place}.earlier`]) {
      if (isThere(each) && !(lstatSync(each).isDirectory() && readdirSync(each).every((name) => OWN_FILE.test(name)))) throw taken(each);
    }
  }

  /** A model is a folder of its own, but for a reader, whose files lie in its verifier's. */
  #movesOf(entry: ManifestModel): { readonly from: string; readonly place: string }[] {
    const unfinished = this.unfinished(entry.role);
    if (entry.role !== "reader") return [{ from: unfinished, place: path.join(this.path, entry.role) }];
    const folder = path.join(this.path, path.dirname(entry.graph.path));
    return readdirSync(unfinished).map((name) => ({ from: path.join(unfinished, name), place: path.join(folder, name) }));
  }

  #with(entry: ManifestModel): Manifest {
    if (entry.role !== "verifier") {
      const verifier = this.manifest === undefined ? [] : [verifierOf(this.manifest)];
      return { formatVersion: 2, models: [...verifier, entry] };
    }
    const diffuser = this.manifest === undefined ? undefined : diffuserOf(this.manifest);
    return { formatVersion: 2, models: diffuser?.verifier === entry.data.sha256 ? [entry, diffuser] : [entry] };
  }
}

const isThere = (place: string): boolean => lstatSync(place, { throwIfNoEntry: false }) !== undefined;

function taken(place: string): LacunaError {
  const sentence = `${place} is there already, and is no model of Lacuna's.`;
  return new LacunaError("folderTaken", sentence, "Name another folder with --out, or move it away.");
}

/** `folder` and those above it that do not exist, the innermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && path.dirname(at) !== at; at = path.dirname(at)) missing.push(at);
  return missing;
}

function tooLittleRoom(folder: string, needed: number, free: number): LacunaError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
  return new LacunaError("diskFull", `The model needs ${megabytes(needed)} in ${folder}, where ${megabytes(free)} are free.`, DISK_REMEDY);
}
