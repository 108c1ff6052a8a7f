import { readFileSync } from "node:fs";
import path from "node:path";
import type { ManifestModel } from "../protocol/manifest.js";
import { unusable } from "./unusable.js";

const CONSTANTS = ["a", "b", "c", "d", "e"] as const;

/**
 * The constants of CAL's B(L) that training wrote into config.json, if it did.
 *
 * @throws LacunaError `checkpointUnusable` when they are there and one of them is no number
 */
export function readLengthBias(folder: string): ManifestModel["lengthBias"] {
  const json = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as { lacuna_length_bias?: Record<string, unknown> };
  const bias = json.lacuna_length_bias;
  if (bias === undefined) return undefined;
  const missing = CONSTANTS.find((name) => !Number.isFinite(bias[name]));
  if (missing !== undefined) throw unusable(`has no number ${missing} in the lacuna_length_bias of its config.json`);
  return bias as ManifestModel["lengthBias"];
}
