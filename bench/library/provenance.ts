import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { ManifestModel } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";
import { thisMachine, type Machine } from "./machine.js";

/** Where numbers come from: enough to measure them again. */
export interface Provenance {
  readonly command: string;
  /** The commit of the program; "unknown" outside a checkout. */
  readonly commit: string;
  /** Whether the checkout was exactly that commit. */
  readonly isClean: boolean;
  readonly date: string;
  readonly machine: Machine;
  readonly device: string;
  readonly threads: number;
  readonly models: readonly (Pick<ManifestModel, "name" | "role" | "weights" | "parameters"> & { readonly sha256: string })[];
}

/**
 * What can be said before the models are loaded: the rest is in what loading them answers.
 *
 * @param command the command line, without what only this machine knows
 * @param packageDir the checkout or the installed package
 */
export async function provenanceOf(command: string, packageDir: string, modelsDir: string): Promise<Omit<Provenance, "device" | "threads">> {
  const { models } = parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8"));
  return {
    command,
    ...(await checkoutOf(packageDir)),
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    models: models.map(({ name, role, weights, parameters, data }) => ({ name, role, weights, parameters, sha256: data.sha256 })),
  };
}

/** The commit that is measured. */
export async function checkoutOf(packageDir: string): Promise<Pick<Provenance, "commit" | "isClean">> {
  const commit = await git(packageDir, "rev-parse", "HEAD");
  const changes = await git(packageDir, "status", "--porcelain", "--untracked-files=no");
  return { commit: commit ?? "unknown", isClean: commit !== undefined && changes === "" };
}

async function git(folder: string, ...words: string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)("git", ["-C", folder, ...words])).stdout.trim();
  } catch {
    return undefined;
  }
}
