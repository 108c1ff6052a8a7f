import { spawn } from "node:child_process";
import { existsSync, lstatSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { build, checks, endChildrenOnSignals, execute, mochaSuite, root, runSuites, useOwnTemporaryFolder } from "./check.mjs";
import { announceCheckpoints, checkpointSuites } from "./test/run/checkpointSuites.mjs";
import { editorSuites, packageSuites } from "./test/run/editorSuites.mjs";
import { gpuSuite } from "./test/run/gpuSuite.mjs";
import { announce } from "./test/run/installations.mjs";
import { pythonSuite } from "./test/run/pythonSuite.mjs";
import { announceServers, serverSuites } from "./test/run/serverSuites.mjs";
import { digest, isFresh } from "./test/run/stamp.mjs";
import { sumOf, totalsLine } from "./test/run/totals.mjs";

const at = (...parts) => path.join(root, ...parts);
const isWindows = process.platform === "win32";
const isCi = ["true", "1"].includes(process.env.CI ?? "");
const INSTALL_LIMIT_MS = 30 * 60_000;
const TEST_LIMIT_MS = 120_000;
const START_GRACE_MS = 2000;
const LEAST_NODE = [20, 19];

/** Something the person at the keyboard can put right. */
class SetupError extends Error {}

const usage = "usage: node bootstrap.mjs start | test | test:models | test:server";

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  throw new SetupError(`Lacuna needs Node ${LEAST_NODE.join(".")} or later; this is Node ${process.versions.node}. Install a newer one.`);
}

const installStamp = at("node_modules", ".lacuna-installed");
/** Written where only what `npm start` needs is installed. */
const startStamp = at("node_modules", ".lacuna-installed-to-start");
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

/** @param isToStart leaves out the packages that only tests, checks and benchmarks need: nine in ten */
async function install({ isToStart = false } = {}) {
  if (isFresh(installStamp, [lock]) || (isToStart && isFresh(startStamp, [lock]))) return;
  if (lstatSync(at("node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    // npm would empty the folder that the link leads to, whoever else uses it, and put its own in the link's place.
    throw new SetupError("node_modules is a link, and what it leads to is not up to date. Run `npm ci` there, or remove the link.");
  }
  console.log(isToStart ? "installing the packages that it runs with" : "installing all packages (about 30 s)");
  const args = ["ci", isToStart ? "--omit=dev" : "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const { code, output } = npm?.endsWith(".js")
    ? await execute(process.execPath, [npm, ...args], { limitMs: INSTALL_LIMIT_MS })
    : await execute("npm", args, { limitMs: INSTALL_LIMIT_MS, shell: isWindows });
  if (code !== 0) throw new SetupError(`npm ci failed:\n${output.trimEnd()}`);
  writeFileSync(isToStart ? startStamp : installStamp, digest([lock]));
}

const BUNDLES = ["extension", "engine", "server", "cli"];
const isBuilt = () => BUNDLES.every((name) => existsSync(at("dist", `${name}.js`))) && isFresh(buildStamp, buildInputs());

/** A person's Ctrl-C reaches the program too, and it ends in its own way; one that was meant for this process alone is passed on. */
function runDemo() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [at("dist", "cli.js"), "demo"], { cwd: root, stdio: "inherit" });
    const interrupt = (signal, exitCode) => {
      process.once(signal, () => {
        child.removeAllListeners("close");
        child.once("close", () => process.exit(exitCode));
        setTimeout(() => child.kill(signal), START_GRACE_MS / 4).unref();
        setTimeout(() => child.kill("SIGKILL"), 2 * START_GRACE_MS).unref();
      });
    };
    interrupt("SIGINT", 130);
    interrupt("SIGTERM", 143);
    child.once("error", (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}

async function start() {
  await install({ isToStart: true });
  if (!isBuilt()) {
    const inputs = digest(buildInputs());
    const { failed, output } = await build.run();
    if (failed > 0) throw new SetupError(`The build failed:\n${output.trimEnd()}`);
    writeFileSync(buildStamp, inputs);
  }
  return runDemo();
}

async function test() {
  const isRequired = isCi;
  announce();
  await install();
  const inputs = digest(buildInputs());
  const built = await runSuites([build], 1);
  if (built.failed === 0) writeFileSync(buildStamp, inputs);
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
  const inputs = digest(buildInputs());
  const built = isBuilt() ? {} : await runSuites([build], 1);
  if ((built.failed ?? 0) === 0) writeFileSync(buildStamp, inputs);
  return built;
}

async function testModels() {
  announceCheckpoints();
  await install();
  const built = await buildIfStale();
  if (built.failed > 0) return [built];
  const { preparing, tests } = checkpointSuites(path.join(os.tmpdir(), "model"));
  const prepared = await runSuites(preparing, 1);
  return [built, prepared, ...(prepared.failed > 0 ? [] : [await runSuites(tests, 1)])];
}

async function testServer() {
  announceServers();
  await install();
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

async function main(command) {
  try {
    checkNode();
    // An empty HOME would put npm's cache into the current folder; without one, npm asks the system.
    if (process.env.HOME === "") delete process.env.HOME;
    if (command === "start") return await start();
    endChildrenOnSignals();
    useOwnTemporaryFolder();
    return printTotals(await runs[command]());
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    return command in runs ? printTotals([{ passed: 0, failed: 1 }]) : 1;
  }
}

const command = process.argv[2];
if (process.argv.length === 3 && (command === "start" || Object.hasOwn(runs, command))) {
  process.exitCode = await main(command);
} else {
  console.error(usage);
  process.exitCode = 2;
}
