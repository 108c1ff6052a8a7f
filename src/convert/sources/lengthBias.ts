import type { LengthBias } from "../../protocol/manifest.js";
import { unusable } from "../unusable.js";

const CONSTANTS = ["a", "b", "c", "d", "e"] as const;

/**
 * The constants of CAL's B(L), as training wrote them.
 *
 * @throws LacunaError `checkpointUnusable` when one of them is no number
 */
export function readLengthBias(value: unknown): LengthBias | undefined {
  if (value === undefined) return undefined;
  const bias = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const missing = CONSTANTS.find((name) => !Number.isFinite(bias[name]));
  if (missing !== undefined) throw unusable(`has no number ${missing} in the lacuna_length_bias of its config.json`);
  return bias as unknown as LengthBias;
}
