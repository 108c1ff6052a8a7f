import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeTestPair, testPairIn } from "./makeTestPair.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-test-pair-"));

/** The folder of the test pair (`makeTestPair`). Who imports this has it made once, before the first test. */
export const testPair = testPairIn(folder);

before("the test pair", async () => void (await makeTestPair(folder)));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
