import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { mochaSuite, reportedSuite, reportPath } from "../../check.mjs";
import { execute, root } from "./execute.mjs";

const INSTALL_LIMIT_MS = 40 * 60_000;
const NO_BROWSER = 3;
/** Longer than any single wait, whose error says what was waited for. */
const PAGE_TEST_LIMIT_MS = 300_000;
const PACKAGE_TEST_LIMIT_MS = 120_000;
/** Five archives of over 100 MB each are compressed on whatever cores there are. */
const PACKING_LIMIT_MS = 900_000;

const isLinux = process.platform === "linux";
/** The editor that comes from the package registry, and with it the browser, is of Linux. */
export const usesDesktop = !isLinux || process.env.LACUNA_TEST_DESKTOP === "1";

const at = (...parts) => path.join(root, "test", "vscode", ...parts);
const testsIn = (folder) => readdirSync(at(folder)).filter((file) => file.endsWith(".test.ts"));
const paths = (folder, names) => names.map((name) => `test/vscode/${folder}/${name}.test.ts`);
const named = (folder, ...leftOut) =>
  testsIn(folder)
    .map((file) => file.slice(0, -".test.ts".length))
    .filter((name) => !leftOut.includes(name));
const countTests = (files) => files.reduce((sum, file) => sum + (readFileSync(path.join(root, file), "utf8").match(/^\s*it\(/gm) ?? []).length, 0);

/**
 * What runs in a real editor. The package is what people install, so it meets every test; loaded from the repository, the
 * extension meets those that tell the two apart and one of random events, for which a package is no reason to differ.
 */
function parts() {
  if (usesDesktop) {
    // It looks at the engine's process as Linux shows it.
    const all = paths("host", named("host", ...(isLinux ? ["soak"] : ["soak", "engineLife"])));
    return [
      { name: "host", extension: "vsix", files: all, host: ["--desktop"] },
      { name: "host, source", extension: "source", files: paths("host", ["activation"]), host: ["--desktop"] },
    ];
  }
  return [
    { name: "host", extension: "vsix", files: [...paths("host", named("host", "soak")), ...paths("restricted", named("restricted"))], host: [] },
    { name: "pages", extension: "vsix", files: paths("browser", named("browser")) },
    { name: "host, source", extension: "source", files: paths("host", ["activation", "soak"]), host: [] },
    { name: "pages, source", extension: "source", files: paths("browser", ["statusItem"]) },
    {
      name: "oldest host",
      extension: "source",
      files: paths("host", ["activation", "suggestions", "places", "fillMiddle"]),
      host: ["--version", "oldest"],
    },
  ];
}

/** The cases of a real editor that any model that is worth having passes: what they ask for depends on no text of one. */
function modelParts() {
  return [
    { name: "host, model", extension: "source", files: paths("host", ["suggestions"]), host: usesDesktop ? ["--desktop"] : [] },
    ...(usesDesktop ? [] : [{ name: "pages, model", extension: "source", files: paths("browser", ["inlineSuggestions", "fillMiddle"]) }]),
  ];
}

const packages = () => reportPath("packages");

/** The extension, packed for every platform, and the tests of the packages. */
export function packageSuites() {
  const packing = {
    name: "packing",
    run: async () => {
      const { code, output } = await execute(process.execPath, [at("package", "packAll.mjs"), packages()], { limitMs: PACKING_LIMIT_MS });
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
    },
  };
  const env = { ...process.env, LACUNA_TEST_PACKAGES: packages() };
  return [packing, mochaSuite("package", ["test/vscode/package/*.test.ts"], PACKAGE_TEST_LIMIT_MS, { env })];
}

/** The tests in a real editor, within its extension host and through a browser. @param models a folder of models to try in place of the bundled ones */
export function editorSuites({ isRequired, models }) {
  const all = models === undefined ? parts() : modelParts();
  const skipped = (note) => all.map(({ name, files }) => ({ name, run: async () => ({ passed: 0, failed: 0, skipped: countTests(files), note }) }));
  if (process.env.LACUNA_SKIP_EDITOR_TESTS === "1" && !isRequired) return { install: [], suites: skipped("LACUNA_SKIP_EDITOR_TESTS is set") };
  let missing;
  const install = {
    name: "editor",
    run: async () => {
      const args = ["--import", "tsx", at("installAll.ts")];
      const { code, output } = await execute(process.execPath, args, { limitMs: INSTALL_LIMIT_MS });
      if (code === 0) return { passed: 1, failed: 0 };
      if (code !== NO_BROWSER || isRequired) return { passed: 0, failed: 1, output };
      missing = output.trim();
      return { passed: 0, failed: 0, note: missing };
    },
  };
  const suites = all.map(({ name, extension, files, host }) => {
    const own = models === undefined ? {} : { LACUNA_TEST_MODELS: models };
    const env = { ...process.env, ...own, LACUNA_TEST_EXTENSION: extension, LACUNA_TEST_PACKAGES: packages() };
    const args = (report) => ["--import", "tsx", at("runHostTests.ts"), ...host, "--report", report, ...files];
    const suite = host === undefined ? mochaSuite(name, files, PAGE_TEST_LIMIT_MS, { env }) : reportedSuite(name, args, { env });
    const skip = async () => ({ passed: 0, failed: 0, skipped: countTests(files), note: "there is no browser" });
    return { name, run: () => (missing === undefined ? suite.run() : skip()) };
  });
  return { install: usesDesktop ? [] : [install], suites };
}
