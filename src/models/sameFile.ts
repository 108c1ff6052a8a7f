import { discoverModels } from "./discovery.js";
import { fileHash } from "./fileHash.js";
import type { Machine } from "./machine.js";

/**
 * Looks for a file with these bytes among the models that other tools have. A name says nothing: size and hash decide, and only files of
 * the right size are hashed.
 *
 * @returns its path; undefined when there is none
 * @throws the reason of `signal`
 */
export async function findSameFile(
  machine: Machine,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { found } = await discoverModels(machine, signal);
  for (const { path } of found.filter((model) => model.kind === "file" && model.bytes === bytes)) {
    const hash = await fileHash(path, { signal }).catch(() => undefined);
    signal?.throwIfAborted();
    if (hash === sha256) return path;
  }
  return undefined;
}
