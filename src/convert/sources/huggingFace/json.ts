import path from "node:path";
import { unusable } from "../../unusable.js";
import { readText } from "../readText.js";

export type Json = Readonly<Record<string, unknown>>;

/** Not there, or null, which says the same. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/**
 * A JSON object from a file of the folder.
 *
 * @throws LacunaError `checkpointUnusable`
 */
export function readJson(folder: string, name: string): Json {
  const text = readText(path.join(folder, name));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unusable(`has no readable ${name}`, cause);
  }
  if (!isObject(json)) throw unusable(`has a ${name} that is no JSON object`);
  return json;
}

/** A JSON object: no list, not null. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
