import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { endChildrenOnSignals, execute, root, useOwnTemporaryFolder } from "./test/run/execute.mjs";
import { installPackages, SetupError } from "./test/run/installPackages.mjs";

/**
 * @typedef {{ passed: number, failed: number, skipped?: number, note?: string, output?: string }} Outcome `output` is shown when something failed
 * @typedef {{ name: string, run: () => Promise<Outcome> }} Suite
 */

/** Longer than what a suite starts allows itself, an installation and two hosts with 20 minutes each: that names what hung. */
const SUITE_LIMIT_MS = 60 * 60_000;
/** How long a finished test run may take to end. */
const END_GRACE_MS = 30_000;
const WIDTH = 15;

const bin = (file) => path.join(root, "node_modules", file);
const verdict = (isGood, output, note) => ({ passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, output, note });

const check = (name, file, ...args) => ({
  name,
  run: async () => {
    const { code, output } = await execute(process.execPath, [file, ...args]);
    return verdict(code === 0, output);
  },
});

/** Paths of the TypeScript modules below a folder, relative to the root, with forward slashes. */
function modulesBelow(folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => `${folder}/${String(file).replaceAll(path.sep, "/")}`)
    .filter((file) => file.endsWith(".ts"));
}

/** A check that read too little has checked nothing: says which modules of src it did not read. */
function unread(read) {
  const seen = new Set(read);
  const missing = modulesBelow("src").filter((file) => !seen.has(file));
  return missing.length === 0 ? "" : `Not read, so not checked:\n${missing.map((file) => `  ${file}\n`).join("")}`;
}

const relative = (file) => path.relative(root, file).replaceAll(path.sep, "/");

const lint = {
  name: "lint",
  run: async () => {
    const { code, stdout, output } = await execute(process.execPath, [bin("eslint/bin/eslint.js"), "--max-warnings=0", "--format=json", "."]);
    let files;
    try {
      files = JSON.parse(stdout);
    } catch {
      return verdict(false, output);
    }
    const lines = files.flatMap(({ filePath, messages }) =>
      messages.map(({ line, column, message, ruleId }) => `${relative(filePath)}:${line ?? 1}:${column ?? 1} ${message} (${ruleId ?? "parser"})\n`),
    );
    const missing = unread(files.map(({ filePath }) => relative(filePath)));
    return verdict(code === 0 && missing === "", lines.join("") + missing, `${files.length} files`);
  },
};

const format = {
  name: "format",
  run: async () => {
    const { code, output } = await execute(process.execPath, [bin("oxfmt/bin/oxfmt"), "--list-different", "."]);
    return verdict(code === 0, `${output}\`npm run format\` formats them.\n`);
  },
};

const imports = {
  name: "imports",
  run: async () => {
    const folders = ["src", "test", "bench"].filter((folder) => modulesBelow(folder).length > 0);
    const args = ["--config", ".dependency-cruiser.cjs", "--output-type", "json", ...folders];
    const { stdout, output } = await execute(process.execPath, [bin("dependency-cruiser/bin/dependency-cruise.mjs"), ...args]);
    let cruised;
    try {
      cruised = JSON.parse(stdout);
    } catch {
      return verdict(false, output);
    }
    const lines = cruised.summary.violations.map(({ rule, from, to, cycle }) => {
      const way = cycle === undefined ? [to] : cycle.map((step) => step.name ?? step);
      return `${rule.name}: ${[from, ...way].join(" -> ")}\n`;
    });
    const missing = unread(cruised.modules.map(({ source }) => source));
    return verdict(lines.length === 0 && missing === "", lines.join("") + missing, `${cruised.modules.length} modules`);
  },
};

const secondsSince = (start) => ((performance.now() - start) / 1000).toFixed(1).padStart(6);

const plain = (text) => text.replaceAll("\r\n", "\n").trimEnd();

function failureText({ fullTitle, file, err }) {
  return `${fullTitle}\n  ${file === undefined ? "" : `${relative(file)}: `}${plain(err.stack ?? err.message ?? "")}\n`;
}

/** Where a test runner may write its report; gone when this process ends. */
export function reportPath(name) {
  return path.join(useOwnTemporaryFolder(), name);
}

/** Calls `listener` when `file` has been there for a while. @returns what ends the watch */
function whenLeftBehind(file, listener) {
  let since;
  const watch = setInterval(() => {
    if (since === undefined && existsSync(file)) since = performance.now();
    if (performance.now() - since > END_GRACE_MS) listener();
  }, END_GRACE_MS / 10);
  return () => clearInterval(watch);
}

const PART = "part: ";
const SHORT_PART_MS = 5000;

/** Prints the parts of a suite that took some time, as they end: a suite of minutes is seen to go on. */
function partPrinter(name) {
  let start = performance.now();
  return (line) => {
    if (!line.startsWith(PART)) return;
    if (performance.now() - start > SHORT_PART_MS) console.log(`${name.padEnd(WIDTH)}${secondsSince(start)} s  - ${line.slice(PART.length)}`);
    start = performance.now();
  };
}

/**
 * A suite that writes its results as a report in the form of Mocha's. Ending without a report, or without having run
 * a test, is a failure.
 *
 * @param argsOf the arguments of Node, given the path of the report
 */
export function reportedSuite(name, argsOf, { env } = {}) {
  return {
    name,
    run: async () => {
      const report = reportPath(`${name.replaceAll(/[^a-z0-9]+/gi, "-")}.json`);
      const leftOpen = new AbortController();
      const endWatch = whenLeftBehind(report, () => leftOpen.abort());
      const { code, output } = await execute(process.execPath, argsOf(report), {
        limitMs: SUITE_LIMIT_MS,
        signal: leftOpen.signal,
        env,
        onLine: partPrinter(name),
      });
      endWatch();
      let stats, failures;
      try {
        ({ stats, failures } = JSON.parse(readFileSync(report, "utf8")));
      } catch {
        return { passed: 0, failed: 1, output: `It ended without a report.\n${output}` };
      }
      if (stats.passes + stats.failures === 0) return { passed: 0, failed: 1, output: `It ran no test.\n${output}` };
      if (stats.failures === 0 && code !== 0) {
        const why = leftOpen.signal.aborted ? "but something they left open kept it from ending" : "then it failed";
        return { passed: stats.passes, failed: 1, output: `All tests passed, ${why}.\n${output}` };
      }
      return { passed: stats.passes, failed: stats.failures, output: failures.map(failureText).join("\n") };
    },
  };
}

/**
 * A suite of test files.
 *
 * @param testLimitMs how long one test may take
 */
export function mochaSuite(name, patterns, testLimitMs, options) {
  const mocha = bin("mocha/bin/mocha.js");
  const argsOf = (report) => [
    mocha,
    `--reporter=${path.join(root, "test/run/partsReporter.mjs")}`,
    `--reporter-option=output=${report}`,
    `--timeout=${testLimitMs}`,
    ...patterns,
  ];
  return reportedSuite(name, argsOf, options);
}

const hasTests = (folder) => modulesBelow("test").some((file) => file.startsWith(`test/${folder}/`) && file.endsWith(".test.ts"));

export const build = check("build", path.join(root, "esbuild.mjs"));

/** Everything that needs neither models nor processes; the longest first. `tidy` reads what `build` wrote. */
export const checks = () => [
  format,
  lint,
  check("types", bin("typescript/bin/tsc"), "-p", "tsconfig.json"),
  check("pure types", bin("typescript/bin/tsc"), "-p", "tsconfig.pure.json"),
  mochaSuite(
    "unit",
    ["unit", "golden"].filter(hasTests).map((folder) => `test/${folder}/**/*.test.ts`),
    10_000,
  ),
  imports,
  mochaSuite("tidy", ["test/tidy/**/*.test.ts"], 10_000),
];

function resultText({ passed, failed, skipped = 0 }) {
  if (failed > 0) return `FAILED ${failed}${passed > 0 ? `, passed ${passed}` : ""}`;
  if (passed === 0) return `skipped${skipped > 0 ? ` ${skipped}` : ""}`;
  return `${passed === 1 ? "ok" : `ok ${passed}`}${skipped > 0 ? `, skipped ${skipped}` : ""}`;
}

/** Runs suites, `width` at a time, and prints a line for each as it ends. @returns the sums */
export async function runSuites(suites, width) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...suites];
  const work = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      const start = performance.now();
      const outcome = await suite.run();
      const { note, output = "" } = outcome;
      console.log(`${suite.name.padEnd(WIDTH)}${secondsSince(start)} s  ${resultText(outcome)}${note === undefined ? "" : `  (${note})`}`);
      if (outcome.failed > 0) console.log(`${plain(output).replaceAll(/^/gm, "    ")}\n`);
      for (const key of Object.keys(totals)) totals[key] += outcome[key] ?? 0;
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return totals;
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  endChildrenOnSignals();
  useOwnTemporaryFolder();
  await installPackages().catch((error) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exit(1);
  });
  const first = await runSuites([build], 1);
  const rest = await runSuites(checks(), 2);
  process.exitCode = first.failed + rest.failed > 0 ? 1 : 0;
}
