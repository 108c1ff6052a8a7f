import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(root, ...parts);
const isWindows = process.platform === "win32";
const isCi = ["true", "1"].includes(process.env.CI ?? "");
const INSTALL_LIMIT_MS = 30 * 60_000;
const TEST_LIMIT_MS = 120_000;
/** Longer than any single wait, whose error says what was waited for. */
const PAGE_TEST_LIMIT_MS = 300_000;
const START_GRACE_MS = 2000;
const LEAST_NODE = [20, 19];
const LEAST_PYTHON = [3, 11];

/** Something the person at the keyboard can put right. */
class SetupError extends Error {}

const usage = "usage: node bootstrap.mjs start | test";

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  throw new SetupError(`Lacuna needs Node ${LEAST_NODE.join(".")} or later; this is Node ${process.versions.node}. Install a newer one.`);
}

function digest(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

const contentOf = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** Whether `stamp` was written when the files were what they are now. */
const isFresh = (stamp, files) => contentOf(stamp) === digest(files);

const installStamp = at("node_modules", ".lacuna-installed");
const buildStamp = at("dist", ".built-from");
const lock = at("package-lock.json");

function buildInputs() {
  const sources = readdirSync(at("src"), { recursive: true }).filter((file) => file.endsWith(".ts"));
  return [...sources.sort().map((file) => at("src", file)), at("package.json"), lock, at("esbuild.mjs"), at("notices.mjs")];
}

async function install(execute) {
  if (isFresh(installStamp, [lock])) return;
  const isFirst = !existsSync(at("node_modules"));
  console.log(`installing packages${isFirst ? " (about 30 s the first time)" : ": package-lock.json has changed"}`);
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const { code, output } = npm?.endsWith(".js")
    ? await execute(process.execPath, [npm, ...args], { limitMs: INSTALL_LIMIT_MS })
    : await execute("npm", args, { limitMs: INSTALL_LIMIT_MS, shell: isWindows });
  if (code !== 0) throw new SetupError(`npm ci failed:\n${output.trimEnd()}`);
  writeFileSync(installStamp, digest([lock]));
}

const isBuilt = () => ["extension", "engine", "cli"].every((name) => existsSync(at("dist", `${name}.js`))) && isFresh(buildStamp, buildInputs());

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

async function start({ build, execute }) {
  await install(execute);
  if (!isBuilt()) {
    const inputs = digest(buildInputs());
    const { failed, output } = await build.run();
    if (failed > 0) throw new SetupError(`The build failed:\n${output.trimEnd()}`);
    writeFileSync(buildStamp, inputs);
  }
  return runDemo();
}

/** The first Python on the path that is new enough and can make virtual environments; undefined when there is none. */
function findPython() {
  const probe = `import ensurepip, sys, venv; sys.exit(0 if sys.version_info >= (${LEAST_PYTHON.join(", ")}) else 1)`;
  const names = [process.env.PYTHON, "python3", "python3.13", "python3.12", "python3.11", "python"];
  return names.filter(Boolean).find((name) => spawnSync(name, ["-c", probe], { stdio: "ignore" }).status === 0);
}

/** The sums over the suites of a JUnit report. */
function countJunit(xml) {
  const suites = [...xml.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag);
  const sum = (name) => suites.reduce((total, tag) => total + Number(new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1] ?? 0), 0);
  const failed = sum("failures") + sum("errors");
  return { passed: sum("tests") - failed - sum("skipped"), failed, skipped: sum("skipped") };
}

const pythonSuite = ({ execute, reportPath }) => ({
  name: "python",
  run: async () => {
    const needed = `Python ${LEAST_PYTHON.join(".")} or later with venv and pip`;
    const python = findPython();
    if (python === undefined) {
      if (isCi) return { passed: 0, failed: 1, output: `The tests of training/ need ${needed}; there is none here.` };
      return { passed: 0, failed: 0, note: `the tests of training/ need ${needed}` };
    }
    const requirements = at("training", "requirements.txt");
    const stamp = at(".venv", ".lacuna-installed");
    const venvPython = isWindows ? at(".venv", "Scripts", "python.exe") : at(".venv", "bin", "python");
    if (!existsSync(venvPython) || !isFresh(stamp, [requirements])) {
      console.log("installing Python packages for training/ (some minutes the first time, PyTorch is large)");
      // Packages that the system has in the required version are used as they are: PyTorch alone can be gigabytes.
      const made = await execute(python, ["-m", "venv", "--clear", "--system-site-packages", at(".venv")], { limitMs: INSTALL_LIMIT_MS });
      if (made.code !== 0) return { passed: 0, failed: 1, output: `The virtual environment could not be made.\n${made.output}` };
      const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", requirements];
      const installed = await execute(venvPython, pip, { limitMs: INSTALL_LIMIT_MS });
      if (installed.code !== 0) return { passed: 0, failed: 1, output: `pip install failed.\n${installed.output}` };
      writeFileSync(stamp, digest([requirements]));
    }
    const report = reportPath("python.xml");
    // Only what requirements.txt names takes part, whatever else the system has.
    const env = { ...process.env, PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTHONDONTWRITEBYTECODE: "1" };
    const args = ["-m", "pytest", "training/tests", "-q", "-p", "no:cacheprovider", `--junitxml=${report}`];
    const { code, output } = await execute(venvPython, args, { limitMs: INSTALL_LIMIT_MS, env });
    if (!existsSync(report)) return { passed: 0, failed: 1, output: `It ended without a report.\n${output}` };
    const { passed, failed, skipped } = countJunit(readFileSync(report, "utf8"));
    if (passed + failed === 0) return { passed: 0, failed: 1, output: `It ran no test.\n${output}` };
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, output, ...(skipped > 0 && { note: `${skipped} skipped` }) };
  },
});

/** The tests in a real editor: within its extension host and through a browser, the extension loaded from here and installed from a package. */
function editorSuites({ mochaSuite, reportedSuite }) {
  if (process.env.LACUNA_SKIP_EDITOR_TESTS === "1" && !isCi) {
    return [{ name: "editor", run: async () => ({ passed: 0, failed: 0, note: "LACUNA_SKIP_EDITOR_TESTS is set" }) }];
  }
  // The editor that comes from the package registry, and with it the browser, is of Linux.
  const isLinux = process.platform === "linux";
  const isDesktop = !isLinux || process.env.LACUNA_TEST_DESKTOP === "1";
  const suites = ["source", "vsix"].flatMap((extension) => {
    const env = { ...process.env, LACUNA_TEST_EXTENSION: extension };
    const desktop = isDesktop ? ["--desktop"] : [];
    const host = (report) => ["--import", "tsx", at("test", "vscode", "runHostTests.ts"), ...desktop, "--report", report];
    const page = mochaSuite(`${extension} page`, ["test/vscode/browser/*.test.ts"], PAGE_TEST_LIMIT_MS, { env });
    return [reportedSuite(`${extension} host`, host, { env }), ...(isLinux ? [page] : [])];
  });
  const oldestTests = ["activation", "suggestions", "places", "fillMiddle"].map((name) => `test/vscode/host/${name}.test.ts`);
  const oldest = (report) => ["--import", "tsx", at("test", "vscode", "runHostTests.ts"), "--version", "oldest", "--report", report, ...oldestTests];
  return isDesktop ? suites : [...suites, reportedSuite("oldest host", oldest)];
}

async function test({ build, checks, execute, mochaSuite, reportPath, reportedSuite, runSuites }) {
  await install(execute);
  const inputs = digest(buildInputs());
  const built = await runSuites([build], 1);
  if (built.failed === 0) writeFileSync(buildStamp, inputs);
  const side = await runSuites([pythonSuite({ execute, reportPath }), ...checks()], 2);
  // These measure times and use every core themselves.
  const suites = ["parity", "process"].map((name) => mochaSuite(name, [`test/${name}/**/*.test.ts`], TEST_LIMIT_MS));
  suites.push(mochaSuite("package", ["test/vscode/package/*.test.ts"], TEST_LIMIT_MS));
  suites.push(...editorSuites({ mochaSuite, reportedSuite }));
  const alone = await runSuites(suites, 1);
  return { passed: built.passed + side.passed + alone.passed, failed: built.failed + side.failed + alone.failed };
}

function printTotals({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

async function main(command) {
  try {
    checkNode();
    // An empty HOME would put npm's cache into the current folder; without one, npm asks the system.
    if (process.env.HOME === "") delete process.env.HOME;
    const tools = await import("./check.mjs");
    if (command === "start") return await start(tools);
    tools.endChildrenOnSignals();
    return printTotals(await test(tools));
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    return command === "test" ? printTotals({ passed: 0, failed: 1 }) : 1;
  }
}

const command = process.argv[2];
if (process.argv.length === 3 && (command === "start" || command === "test")) {
  process.exitCode = await main(command);
} else {
  console.error(usage);
  process.exitCode = 2;
}
