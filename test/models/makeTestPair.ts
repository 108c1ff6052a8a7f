import path from "node:path";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import { writeEchoCheckpoint } from "./echoCheckpoint.js";

const SEED = 1;

/**
 * Makes a models folder for tests of what holds whatever a model has learned, in a folder of its own: a verifier and a diffuser of half a
 * million weights each, in the real formats, which repeat what they have read (`writeEchoCheckpoint`). @returns the models folder
 */
export async function makeTestPair(folder: string): Promise<string> {
  const out = testPairIn(folder);
  for (const role of ["verifier", "diffuser"] as const) {
    const source = path.join(folder, role);
    writeEchoCheckpoint(source, role, SEED);
    const about = { name: `test-${role}`, licence: "MIT", origin: "made by a test" };
    await importCheckpoint({ source, out, role, weights: "int8", ...about });
  }
  return out;
}

/** Where it is made. */
export const testPairIn = (folder: string): string => path.join(folder, "models");
