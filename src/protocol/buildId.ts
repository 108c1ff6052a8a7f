import { LacunaError } from "./errors.js";

/** Put in its place by the bundler: a hash of everything that the bundles are made of. */
declare const LACUNA_BUILD: string | undefined;

/** What runs from source, as tests and benchmarks do, belongs to every build. */
const FROM_SOURCE = "source";

/** The build that this code is of; the same in everything that was bundled together. */
export const BUILD_ID = typeof LACUNA_BUILD === "string" ? LACUNA_BUILD : FROM_SOURCE;

/** Whether two ends understand each other's messages. */
export function isSameBuild(a: string, b: string): boolean {
  return a === b || a === FROM_SOURCE || b === FROM_SOURCE;
}

/** @throws LacunaError `buildMismatch` when a child and the program that started it are of different builds */
export function checkBuild(build: string): void {
  if (isSameBuild(build, BUILD_ID)) return;
  throw new LacunaError(
    "buildMismatch",
    "The engine and the program that started it are of different builds.",
    "Reload the window, or build again, so that both are of the same build.",
  );
}
