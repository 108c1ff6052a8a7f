import { unusable } from "../../unusable.js";
import { isAbsent, isObject, type Json } from "./json.js";

/** Keys that describe plain rotary positions; any other one scales them. */
const KNOWN = new Set(["rope_theta", "rope_type", "type", "partial_rotary_factor", "factor"]);

/**
 * The base of the rotary positions, in any of the spellings: `rope_theta`, `rope_parameters` (Transformers 5) and an
 * idle `rope_scaling`.
 *
 * @throws LacunaError `checkpointUnusable` when positions are scaled, turned in part, or given twice and differently
 */
export function readRopeTheta(json: Json): number {
  const found: number[] = [];
  const add = (value: unknown): void => {
    if (isAbsent(value)) return;
    if (typeof value !== "number" || !(value > 0)) throw unusable(`has a rope_theta of ${JSON.stringify(value)}`);
    found.push(value);
  };
  add(json.rope_theta);
  for (const key of ["rope_parameters", "rope_scaling"]) {
    const parameters = json[key];
    if (isAbsent(parameters)) continue;
    if (!isObject(parameters)) throw unusable(`has a ${key} that is no JSON object`);
    refuseScaling(parameters, key);
    add(parameters.rope_theta);
  }
  if (found.length === 0) throw unusable("has no positive number rope_theta in its config.json");
  if (new Set(found).size > 1) throw unusable(`gives its rope_theta twice, and differently: ${found.join(" and ")}`);
  return found[0];
}

function refuseScaling(parameters: Json, key: string): void {
  for (const spelling of ["rope_type", "type"]) {
    const type = parameters[spelling];
    if (!isAbsent(type) && type !== "default") throw unusable(`scales its rotary positions (${key}: ${JSON.stringify(type)})`);
  }
  const part = parameters.partial_rotary_factor;
  if (!isAbsent(part) && part !== 1) throw unusable(`turns only a part of each head (${key}.partial_rotary_factor)`);
  const factor = parameters.factor;
  if (!isAbsent(factor) && factor !== 1) throw unusable(`scales its rotary positions (${key}.factor)`);
  const other = Object.keys(parameters).find((name) => !KNOWN.has(name) && !isAbsent(parameters[name]));
  if (other !== undefined) throw unusable(`scales its rotary positions in a way that is not known (${key}.${other})`);
}
