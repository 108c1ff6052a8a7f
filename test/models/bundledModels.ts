import { readFileSync } from "node:fs";
import path from "node:path";
import type { Manifest } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";

const other = process.env.LACUNA_TEST_MODELS;

/** The folder of models that comes with Lacuna, or the one in LACUNA_TEST_MODELS, to try it in that place. */
export const bundledModels = path.resolve(other ?? "models");

/** What has a command line use it: nothing where it is the one that it uses anyway. */
export const bundledOption: readonly string[] = other === undefined ? [] : ["--models", bundledModels];

/** The settings that have an editor use it. */
export const bundledSettings: Readonly<Record<string, unknown>> = other === undefined ? {} : { "lacuna.modelsPath": bundledModels };

/** What is in it. */
export function bundledManifest(): Manifest {
  return parseManifest(readFileSync(path.join(bundledModels, "manifest.json"), "utf8"));
}
