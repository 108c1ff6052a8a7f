import { createRequire } from "node:module";
import type MochaClass from "mocha";

const TEST_LIMIT_MS = 60_000;

/** Mocha is a module that the extension host's `require` may wrap. */
function loadMocha(): typeof MochaClass {
  const loaded = createRequire(__filename)("mocha") as typeof MochaClass & { default?: typeof MochaClass };
  return loaded.default ?? loaded;
}

/** Called by the extension host: runs the files in LACUNA_HOST_TESTS and writes Mocha's JSON report to LACUNA_HOST_REPORT. */
export function run(): Promise<void> {
  const { LACUNA_HOST_TESTS: files = "[]", LACUNA_HOST_REPORT: output = "", LACUNA_HOST_GREP: grep } = process.env;
  const Mocha = loadMocha();
  const mocha = new Mocha({ ui: "bdd", color: false, timeout: TEST_LIMIT_MS, reporter: "json", reporterOptions: { output }, forbidPending: true });
  if (grep !== undefined) mocha.grep(grep);
  for (const file of JSON.parse(files) as string[]) mocha.addFile(file);
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve());
    // The last line of this kind names the test that an editor hung or died in.
    runner.on("test", (test) => console.log(`begun: ${test.fullTitle()}`));
    runner.on("suite end", ({ title, parent }) => {
      if (parent?.root === true) console.log(`part: ${title}`);
    });
    runner.on("pass", (test) => console.log(`passed: ${test.fullTitle()}`));
    runner.on("fail", (test, error: Error) => console.log(`failed: ${test.fullTitle()}\n${error.stack}`));
  });
}
