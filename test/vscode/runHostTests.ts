/**
 * Runs test files in a real extension host and writes one report in the form of Mocha's.
 *
 *     node --import tsx test/vscode/runHostTests.ts [--report FILE] [--version oldest] [--verbose] [FILE ...]
 *
 * Without files: those of test/vscode/host, and those of test/vscode/restricted in a folder that is not trusted.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { filesBelow } from "../tidy/filesBelow.js";
import type { EditorVersion } from "./editor/editorInstall.js";
import { sumReports, type HostReport } from "./editor/hostReport.js";
import { hostRun } from "./editor/hostRun.js";

const LIMIT_MS = 5 * 60_000;
const isRestricted = (file: string): boolean => file.includes("/restricted/");

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { report: { type: "string" }, version: { type: "string" }, verbose: { type: "boolean", default: false } },
  });
  const all = positionals.length > 0 ? positionals : ["host", "restricted"].flatMap((folder) => filesBelow(`test/vscode/${folder}`, ".test.ts"));
  const onLog = values.verbose ? (line: string): void => void process.stderr.write(`${line}\n`) : undefined;
  const common = { limitMs: LIMIT_MS, version: values.version as EditorVersion | undefined, onLog };
  const reports: HostReport[] = [];
  for (const asksForTrust of [false, true]) {
    const files = all.filter((file) => isRestricted(file) === asksForTrust);
    const name = `in a${asksForTrust ? " restricted" : "n"} extension host`;
    if (files.length > 0) reports.push(await hostRun({ ...common, name, files, asksForTrust }));
  }
  const report = sumReports(reports);
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report));
  for (const { fullTitle, err } of report.failures) process.stdout.write(`${fullTitle}\n  ${err.stack ?? err.message}\n`);
  process.stdout.write(`${report.stats.passes} passed, ${report.stats.failures} failed\n`);
  process.exitCode = report.stats.failures > 0 ? 1 : 0;
}

void main();
