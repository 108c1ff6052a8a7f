/**
 * Runs the tests of test/vscode/host in a real extension host and writes one report in the form of Mocha's.
 *
 *     node --import tsx test/vscode/runHostTests.ts [--report FILE] [--version oldest] [--verbose] [FILE ...]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { EditorVersion } from "./editor/editorInstall.js";
import { hostRun } from "./editor/hostRun.js";
import { filesBelow } from "../tidy/filesBelow.js";

const LIMIT_MS = 5 * 60_000;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { report: { type: "string" }, version: { type: "string" }, verbose: { type: "boolean", default: false } },
  });
  const files = positionals.length > 0 ? positionals : filesBelow("test/vscode/host", ".test.ts");
  const onLog = values.verbose ? (line: string): void => void process.stderr.write(`${line}\n`) : undefined;
  const report = await hostRun({
    name: "the extension host",
    files,
    limitMs: LIMIT_MS,
    version: values.version as EditorVersion | undefined,
    onLog,
  });
  const { stats, failures } = report;
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report));
  for (const { fullTitle, err } of failures) process.stdout.write(`${fullTitle}\n  ${err.stack ?? err.message}\n`);
  process.stdout.write(`${stats.passes} passed, ${stats.failures} failed\n`);
  process.exitCode = stats.failures > 0 ? 1 : 0;
}

void main();
