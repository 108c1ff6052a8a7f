import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { build, checks, mochaSuite, runSuites } from "./check.mjs";
import { announceCheckpoints, checkpointSuites } from "./test/run/checkpointSuites.mjs";
import { editorSuites, packageSuites } from "./test/run/editorSuites.mjs";
import { endChildrenOnSignals, root, useOwnTemporaryFolder } from "./test/run/execute.mjs";
import { gpuSuite } from "./test/run/gpuSuite.mjs";
import { announce } from "./test/run/installations.mjs";
import { SetupError, installPackages } from "./test/run/installPackages.mjs";
import { pythonSuite } from "./test/run/pythonSuite.mjs";
import { announceServers, serverSuites } from "./test/run/serverSuites.mjs";
import { digest, isFresh } from "./test/run/stamp.mjs";
import { sumOf, totalsLine } from "./test/run/totals.mjs";

const at = (...parts) => path.join(root, ...parts);
const isCi = ["true", "1"].includes(process.env.CI ?? "");
const TEST_LIMIT_MS = 120_000;
const END_GRACE_MS = 2000;
const usage = "usage: node bootstrap.mjs start | test | test:models | test:server | bench [...] | format | package [...]";

const buildStamp = at("dist", ".built-from");
const lock = at("package-lock.json");

function buildInputs() {
  const sources = readdirSync(at("src"), { recursive: true }).filter((file) => file.endsWith(".ts"));
  return [
    ...sources.sort().map((file) => at("src", file)),
    at("package.json"),
    lock,
    at("esbuild.mjs"),
    at("notices.mjs"),
    at("models", "manifest.json"),
  ];
}

const BUNDLES = ["extension", "engine", "server", "cli"];
const isBuilt = () => BUNDLES.every((name) => existsSync(at("dist", `${name}.js`))) && isFresh(buildStamp, buildInputs());

/** A person's Ctrl-C reaches the program too, and it ends in its own way; one that was meant for this process alone is passed on. */
function runProgram(...args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
    const interrupt = (signal, exitCode) => {
      process.once(signal, () => {
        child.removeAllListeners("close");
        child.once("close", () => process.exit(exitCode));
        setTimeout(() => child.kill(signal), END_GRACE_MS / 4).unref();
        setTimeout(() => child.kill("SIGKILL"), 2 * END_GRACE_MS).unref();
      });
    };
    interrupt("SIGINT", 130);
    interrupt("SIGTERM", 143);
    interrupt("SIGHUP", 129);
    child.once("error", (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Builds by `run`, and notes of which sources what is built then is. @returns what `run` gives */
async function builtBy(run) {
  const inputs = digest(buildInputs());
  const built = await run();
  if (built.failed === 0) writeFileSync(buildStamp, inputs);
  return built;
}

/** Builds what is not of these sources. @throws SetupError where that fails */
async function haveBuilt() {
  if (isBuilt()) return;
  const { failed, output } = await builtBy(build.run);
  if (failed > 0) throw new SetupError(`The build failed:\n${output.trimEnd()}`);
}

/** Programs for a person at the keyboard: what they get is the program's own output and exit code. */
const programs = {
  async start() {
    await installPackages({ isToStart: true });
    await haveBuilt();
    return runProgram(at("dist", "cli.js"), "demo");
  },
  async bench(...args) {
    await installPackages();
    await haveBuilt();
    return runProgram("--import", "tsx", at("bench", "main.ts"), ...args);
  },
  async format() {
    await installPackages();
    return runProgram(at("node_modules", "oxfmt", "bin", "oxfmt"), ".");
  },
  async package(...args) {
    await installPackages();
    return runProgram(at("package.mjs"), ...args);
  },
};

async function test() {
  const isRequired = isCi;
  announce();
  await installPackages();
  const built = await builtBy(() => runSuites([build], 1));
  const editor = editorSuites({ isRequired });
  const side = await runSuites([...editor.install, pythonSuite({ isRequired }), ...checks()], 2);
  // These measure times and use every core themselves.
  const without = "--ignore=test/process/gpu/**";
  const suites = ["parity", "process"].map((name) => mochaSuite(name, [`test/${name}/**/*.test.ts`, without], TEST_LIMIT_MS));
  suites.push(gpuSuite(TEST_LIMIT_MS));
  const alone = await runSuites([...suites, ...packageSuites(), ...editor.suites], 1);
  return [built, side, alone];
}

/** What building came to; nothing where what is built is of these sources. */
async function buildIfStale() {
  return isBuilt() ? {} : builtBy(() => runSuites([build], 1));
}

async function testModels() {
  announceCheckpoints();
  await installPackages();
  const built = await buildIfStale();
  if (built.failed > 0) return [built];
  const { preparing, tests } = checkpointSuites(path.join(os.tmpdir(), "model"));
  const prepared = await runSuites(preparing, 1);
  return [built, prepared, ...(prepared.failed > 0 ? [] : [await runSuites(tests, 1)])];
}

async function testServer() {
  announceServers();
  await installPackages();
  const built = await buildIfStale();
  if (built.failed > 0) return [built];
  return [built, await runSuites(await serverSuites(), 1)];
}

const runs = { test, "test:models": testModels, "test:server": testServer };

function printTotals(parts) {
  const totals = sumOf(parts);
  console.log(totalsLine(totals));
  return totals.failed > 0 ? 1 : 0;
}

/** Runs a program. @returns its exit code */
async function main(command, args) {
  try {
    if (Object.hasOwn(programs, command)) return await programs[command](...args);
    endChildrenOnSignals();
    useOwnTemporaryFolder();
    return printTotals(await runs[command]());
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    return command in runs ? printTotals([{ passed: 0, failed: 1 }]) : 1;
  }
}

const [command, ...args] = process.argv.slice(2);
const takesArguments = command === "bench" || command === "package";
const isKnown = Object.hasOwn(programs, command) || Object.hasOwn(runs, command);
if (isKnown && (takesArguments || args.length === 0)) {
  process.exitCode = await main(command, args);
} else {
  console.error(usage);
  process.exitCode = 2;
}
