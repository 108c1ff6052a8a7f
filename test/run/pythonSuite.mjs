import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { reportPath } from "../../check.mjs";
import { execute, root } from "./execute.mjs";
import { digest, isFresh } from "./stamp.mjs";

const LEAST_PYTHON = [3, 11];
const NEEDED = `Python ${LEAST_PYTHON.join(".")} or later with venv and pip`;
const LIMIT_MS = 30 * 60_000;
const isWindows = process.platform === "win32";
const requirements = path.join(root, "training", "requirements.txt");
const venv = path.join(root, ".venv");
const stamp = path.join(venv, ".lacuna-installed");
/** The Python of the virtual environment, which may not be there yet. */
export const venvPython = isWindows ? path.join(venv, "Scripts", "python.exe") : path.join(venv, "bin", "python");

/** The first Python on the path that is new enough and can make virtual environments; undefined when there is none. */
export function findPython() {
  const probe = `import ensurepip, sys, venv; sys.exit(0 if sys.version_info >= (${LEAST_PYTHON.join(", ")}) else 1)`;
  const names = [process.env.PYTHON, "python3", "python3.13", "python3.12", "python3.11", "python"];
  return names.filter(Boolean).find((name) => spawnSync(name, ["-c", probe], { stdio: "ignore" }).status === 0);
}

/** Whether the virtual environment is there, with what training/requirements.txt names. */
export const hasPackages = () => existsSync(venvPython) && isFresh(stamp, [requirements]);

const failure = (output) => ({ passed: 0, failed: 1, output });

/** @returns what went wrong, "" when nothing did */
async function installPackages(python) {
  // Packages that the system has in the required version are used as they are: PyTorch alone can be gigabytes.
  const made = await execute(python, ["-m", "venv", "--clear", "--system-site-packages", venv], { limitMs: LIMIT_MS });
  if (made.code !== 0) return `The virtual environment could not be made.\n${made.output}`;
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", requirements];
  const installed = await execute(venvPython, pip, { limitMs: LIMIT_MS });
  if (installed.code !== 0) return `pip install failed.\n${installed.output}`;
  writeFileSync(stamp, digest([requirements]));
  return "";
}

/** The sums over the suites of a JUnit report. */
function countJunit(xml) {
  const suites = [...xml.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag);
  const sum = (name) => suites.reduce((total, tag) => total + Number(new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1] ?? 0), 0);
  const failed = sum("failures") + sum("errors");
  return { passed: sum("tests") - failed - sum("skipped"), failed, skipped: sum("skipped") };
}

function countTests() {
  const folder = path.join(root, "training", "tests");
  const files = readdirSync(folder).filter((file) => file.endsWith(".py"));
  return files.reduce((sum, file) => sum + (readFileSync(path.join(folder, file), "utf8").match(/^\s*def test_/gm) ?? []).length, 0);
}

/**
 * The tests of training/, in a virtual environment of their own.
 *
 * @param isRequired whether a machine without Python fails the suite, which is skipped otherwise
 */
export const pythonSuite = ({ isRequired }) => ({
  name: "python",
  run: async () => {
    const python = findPython();
    if (python === undefined && isRequired) return failure(`The tests of training/ need ${NEEDED}; there is none here.`);
    if (python === undefined) return { passed: 0, failed: 0, skipped: countTests(), note: `the tests of training/ need ${NEEDED}` };
    const problem = hasPackages() ? "" : await installPackages(python);
    if (problem !== "") return failure(problem);
    const report = reportPath("python.xml");
    // Only what requirements.txt names takes part, whatever else the system has.
    const env = { ...process.env, PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTHONDONTWRITEBYTECODE: "1" };
    const args = ["-m", "pytest", "training/tests", "-q", "-p", "no:cacheprovider", `--junitxml=${report}`];
    const { code, output } = await execute(venvPython, args, { limitMs: LIMIT_MS, env });
    if (!existsSync(report)) return failure(`It ended without a report.\n${output}`);
    const { passed, failed, skipped } = countJunit(readFileSync(report, "utf8"));
    if (passed + failed === 0) return failure(`It ran no test.\n${output}`);
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped, output };
  },
});
