import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import { writeEchoCheckpoint } from "./echoCheckpoint.js";

const SEED = 1;
const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-test-pair-"));

/**
 * A models folder for tests of what holds whatever a model has learned: a verifier and a diffuser of half a million weights each, in the
 * real formats, which repeat what they have read (`writeEchoCheckpoint`). Who imports this has it made once, before the first test.
 */
export const testPair = path.join(folder, "models");

before(async function makeTestPair() {
  for (const role of ["verifier", "diffuser"] as const) {
    const source = path.join(folder, role);
    writeEchoCheckpoint(source, role, SEED);
    const about = { name: `test-${role}`, licence: "MIT", origin: "made by a test" };
    await importCheckpoint({ source, out: testPair, role, weights: "int8", ...about });
  }
});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
