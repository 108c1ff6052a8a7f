import type { CatalogueEntry } from "./catalogue.js";
import type { FoundModel } from "./discovery.js";
import type { ExpectedCost } from "./expectedCost.js";
import type { ModelsReport } from "./modelsReport.js";

/** What may be offered to a person who has only the model that comes with Lacuna. */
export interface BetterModel {
  /** The largest one that another tool has and that this machine can bear. */
  readonly found: FoundModel | undefined;
  /** The largest one of the catalogue, of those that may be used for everything. */
  readonly entry: (CatalogueEntry & { readonly expected: ExpectedCost }) | undefined;
}

/** Other programs want most of the memory. */
const MOST_OF_MEMORY = 0.25;
/** Larger ones are too slow for typing on most machines; who wants one finds it in the list. */
const MOST_PARAMETERS = 2e9;
/** A model reads what is around the cursor before it answers: at this rate, some five seconds for the shortest prompts there are. */
const LEAST_READ_PER_SECOND = 80;
const LEAST_WRITTEN_PER_SECOND = 8;
/** A download, and what is imported from it, lie on the disk together for a while. */
const DISK_FACTOR = 3;
/** Smaller ones are no better than the one that comes with Lacuna. */
const LEAST_PARAMETERS = 400e6;

/** The better models that this machine can bear, by estimate; undefined where there is none. */
export function betterModel({ found, catalogue, memoryBytes, freeBytes = Infinity }: ModelsReport): BetterModel | undefined {
  const isBearable = (expected: ExpectedCost | undefined, bytes: number, parameters: number): boolean =>
    expected !== undefined &&
    parameters >= LEAST_PARAMETERS &&
    parameters <= MOST_PARAMETERS &&
    expected.memoryBytes <= MOST_OF_MEMORY * memoryBytes &&
    expected.promptTokensPerSecond >= LEAST_READ_PER_SECOND &&
    1000 / expected.msPerToken >= LEAST_WRITTEN_PER_SECOND &&
    DISK_FACTOR * bytes <= freeBytes;
  const largest = <T extends { readonly parameters: number }>(models: readonly T[]): T | undefined =>
    models.reduce<T | undefined>((best, each) => (best === undefined || each.parameters > best.parameters ? each : best), undefined);
  const here = found
    .filter(({ facts }) => facts.obstacle === "" && facts.canFill && facts.part === undefined)
    .filter(({ facts, bytes, expected }) => isBearable(expected, bytes, facts.parameters))
    .map((model) => ({ model, parameters: model.facts.parameters }));
  const toBeHad = catalogue.filter(
    ({ licence, obstacle, bytes, expected, parameters }) =>
      licence.caution === "" && obstacle === undefined && isBearable(expected, bytes, parameters),
  );
  const better = { found: largest(here)?.model, entry: largest(toBeHad) };
  return better.found === undefined && better.entry === undefined ? undefined : better;
}
