import os from "node:os";
import path from "node:path";
import { CATALOGUE, type CatalogueEntry } from "./catalogue.js";
import { downloadsFolder, installedFolder } from "./dataFolder.js";
import { freeBytes } from "./diskFailure.js";
import { discoverModels, type FoundModel } from "./discovery.js";
import { downloadedFiles, type DownloadedFile } from "./downloads.js";
import { expectedCost, REFERENCE_READ_RATE, REFERENCE_SPEED, type ExpectedCost } from "./expectedCost.js";
import type { Skipped } from "./filesBelow.js";
import { installedModel, installedModels, type InstalledModel } from "./installed.js";
import type { Machine } from "./machine.js";
import { readRate } from "./readRate.js";

/** Which models there are, here and to be had: what `lacuna models --json` prints, and what the editor lists. */
export interface ModelsReport {
  /** Folder of the models that a person has installed. */
  readonly folder: string;
  /** Free on its disk; undefined where the system does not say. */
  readonly freeBytes: number | undefined;
  /** The first one is that of the folder that was named, if it is one. */
  readonly installed: readonly (InstalledModel & WithCost)[];
  readonly downloaded: readonly DownloadedFile[];
  /** In the folders of other tools. */
  readonly found: readonly (FoundModel & WithCost)[];
  readonly skipped: readonly Skipped[];
  /** Memory of this machine. */
  readonly memoryBytes: number;
  readonly catalogue: readonly (CatalogueEntry & { readonly expected: ExpectedCost })[];
}

interface WithCost {
  /** Undefined where the model does not say enough of itself. */
  readonly expected: ExpectedCost | undefined;
}

/** Looks at everything there is; contacts nothing. @param models a folder of models to list first @throws LacunaError `unreadableFile` */
export async function modelsReport(machine: Machine, models: string): Promise<ModelsReport> {
  const folder = installedFolder(machine);
  const named = await installedModel(path.resolve(models));
  const [installed, downloaded, { found, skipped }, freeBytes] = await Promise.all([
    installedModels(folder),
    downloadedFiles(downloadsFolder(machine)),
    discoverModels(machine),
    freeBytesAt(folder),
  ]);
  const factor = readRate() / REFERENCE_READ_RATE;
  return {
    folder,
    freeBytes,
    installed: (named === undefined ? installed : [named, ...installed]).map((model) => ({ ...model, expected: costOfInstalled(model, factor) })),
    downloaded,
    found: found.map((model) => ({ ...model, expected: costOfFound(model, factor) })),
    skipped,
    memoryBytes: os.totalmem(),
    catalogue: CATALOGUE.map((entry) => ({ ...entry, expected: expectedCost(entry, REFERENCE_SPEED, factor) })),
  };
}

/** Of its verifier, which decides every token. */
function costOfInstalled({ models }: InstalledModel, factor: number): ExpectedCost | undefined {
  const verifier = models.find(({ role }) => role === "verifier");
  if (verifier?.cache === undefined) return undefined;
  return expectedCost({ ...verifier.cache, ...verifier }, REFERENCE_SPEED, factor, 1);
}

function costOfFound({ kind, bytes, facts: { parameters, cache } }: FoundModel, factor: number): ExpectedCost | undefined {
  if (cache === undefined) return undefined;
  // Whatever a folder's weights are stored in, they are imported in 8 bits.
  return kind === "file"
    ? expectedCost({ ...cache, bytes, parameters }, REFERENCE_SPEED, factor)
    : expectedCost({ ...cache, bytes: parameters, parameters }, REFERENCE_SPEED, factor, 1);
}

/** Of the nearest folder that exists. */
async function freeBytesAt(folder: string): Promise<number | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    const free = await freeBytes(at);
    if (free !== undefined) return free;
    if (path.dirname(at) === at) return undefined;
  }
}
