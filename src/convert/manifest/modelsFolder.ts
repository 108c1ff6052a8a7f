import { existsSync, readFileSync, renameSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LacunaError } from "../../protocol/errors.js";
import { diffuserOf, parseManifest, verifierOf, type Manifest, type ManifestModel } from "../../protocol/manifest.js";
import { makeFolder } from "./makeFolder.js";

const MANIFEST = "manifest.json";
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

  /** @throws LacunaError `manifestInvalid` when there is a manifest that cannot be read */
  constructor(folder: string) {
    this.path = folder;
    const file = path.join(folder, MANIFEST);
    this.manifest = existsSync(file) ? parseManifest(readFileSync(file, "utf8")) : undefined;
  }

  /** Where a model is written before it takes its place. */
  unfinished(role: ManifestModel["role"]): string {
    return path.join(this.path, `${role}.unfinished`);
  }

  /**
   * Makes an empty folder for a model that is to be written.
   *
   * @param bytes what it will take
   * @throws LacunaError `diskFull` when there is too little room; Error of the file system
   */
  begin(role: ManifestModel["role"], bytes: number): string {
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
   * Puts a complete model into its place, and into the manifest in place of an earlier one of its role. A diffuser that
   * belongs to another verifier goes.
   */
  finish(entry: ManifestModel): Manifest {
    const { role } = entry;
    const [place, earlier] = [path.join(this.path, role), path.join(this.path, `${role}.earlier`)];
    rmSync(earlier, { recursive: true, force: true });
    if (existsSync(place)) renameSync(place, earlier);
    const manifest = this.#with(entry);
    try {
      renameSync(this.unfinished(role), place);
      const file = path.join(this.path, MANIFEST);
      writeFileSync(`${file}.unfinished`, `${JSON.stringify(manifest, undefined, 2)}\n`);
      renameSync(`${file}.unfinished`, file);
    } catch (error) {
      if (existsSync(earlier)) {
        rmSync(place, { recursive: true, force: true });
        renameSync(earlier, place);
      }
      throw error;
    }
    rmSync(earlier, { recursive: true, force: true });
    if (diffuserOf(manifest) === undefined) rmSync(path.join(this.path, "diffuser"), { recursive: true, force: true });
    return manifest;
  }

  #with(entry: ManifestModel): Manifest {
    if (entry.role === "diffuser") {
      const verifier = this.manifest === undefined ? [] : [verifierOf(this.manifest)];
      return { formatVersion: 2, models: [...verifier, entry] };
    }
    const diffuser = this.manifest === undefined ? undefined : diffuserOf(this.manifest);
    return { formatVersion: 2, models: diffuser?.verifier === entry.data.sha256 ? [entry, diffuser] : [entry] };
  }
}

/** `folder` and those above it that do not exist, the innermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && path.dirname(at) !== at; at = path.dirname(at)) missing.push(at);
  return missing;
}

function tooLittleRoom(folder: string, needed: number, free: number): LacunaError {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  return new LacunaError(
    "diskFull",
    `The model needs ${gigabytes(needed)} in ${folder}, where ${gigabytes(free)} are free.`,
    "Free some space, or choose another folder with --out.",
  );
}
