/**
 * Runs test files in a real extension host and writes one report in the form of Mocha's.
 *
 *     node --import tsx test/vscode/runHostTests.ts [--report FILE] [--version oldest] [--verbose] [FILE ...]
 *     node --import tsx test/vscode/runHostTests.ts --desktop [--executable PROGRAM] [...]
 *     node --import tsx test/vscode/runHostTests.ts --soak 10000 [--seed 1] [--out bench/records/DATE_NAME]
 *
 * Without files: those of test/vscode/host, and those of test/vscode/restricted in a folder that is not trusted. With
 * --desktop: in a desktop VS Code, downloaded unless there is a PROGRAM, where every folder is trusted.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { provenanceOf } from "../../bench/library/provenance.js";
import { bundledModels } from "../models/bundledModels.js";
import { filesBelow } from "../tidy/filesBelow.js";
import type { EditorVersion } from "./editor/editorInstall.js";
import { desktopHost } from "./editor/desktopHost.js";
import { EditorUnavailable } from "./editor/editorUnavailable.js";
import { sumReports, type HostReport } from "./editor/hostReport.js";
import { hostRun } from "./editor/hostRun.js";
import { serverHost } from "./editor/serverHost.js";
import { writeSoakRecord } from "./soakRecord.js";

const LIMIT_MS = 20 * 60_000;
const SOAK_EVENT_LIMIT_MS = 2000;
const SOAKED = "soak: ";
/** A part of the tests has ended. */
const PART = "part: ";
const SOAK = "test/vscode/host/soak.test.ts";
/** They look at the engine's process as Linux shows it. */
const OF_LINUX = [SOAK, "test/vscode/host/engineLife.test.ts"];
const isLeftOut = (file: string): boolean => OF_LINUX.includes(file) && process.platform !== "linux";
const testsIn = (folder: string): string[] => filesBelow(`test/vscode/${folder}`, ".test.ts").filter((file) => !isLeftOut(file));
const isRestricted = (file: string): boolean => file.includes("/restricted/");

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      report: { type: "string" },
      version: { type: "string" },
      desktop: { type: "boolean", default: false },
      executable: { type: "string" },
      verbose: { type: "boolean", default: false },
      soak: { type: "string" },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
    },
  });
  const { soak, seed } = values;
  const named = soak === undefined ? positionals : [SOAK];
  const all = named.length > 0 ? named : (values.desktop ? ["host"] : ["host", "restricted"]).flatMap(testsIn);
  const env = soak === undefined ? {} : { LACUNA_SOAK_EVENTS: soak, LACUNA_SOAK_SEED: seed };
  const limitMs = LIMIT_MS + Number(soak ?? 0) * SOAK_EVENT_LIMIT_MS;
  const isWanted = (line: string): boolean => values.verbose || line.startsWith(PART) || (soak !== undefined && line.startsWith(SOAKED));
  const provenance = await provenanceOf(`node --import tsx test/vscode/runHostTests.ts --soak ${soak} --seed ${seed}`, ".", bundledModels);
  const onLog = (line: string): void => {
    if (isWanted(line)) process.stderr.write(`${line}\n`);
    if (values.out !== undefined && line.startsWith(SOAKED)) writeSoakRecord(values.out, provenance, line.slice(SOAKED.length));
  };
  const version = values.version as EditorVersion | undefined;
  const reports: HostReport[] = [];
  for (const asksForTrust of [false, true]) {
    const files = all.filter((file) => isRestricted(file) === asksForTrust);
    const name = `in a${asksForTrust ? " restricted" : "n"} extension host`;
    const host = values.desktop ? desktopHost(values.executable) : serverHost({ version, asksForTrust });
    if (files.length > 0) reports.push(await hostRun({ name, host, files, env, limitMs, onLog }));
  }
  const report = sumReports(reports);
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report));
  for (const { fullTitle, err } of report.failures) process.stdout.write(`${fullTitle}\n  ${err.stack ?? err.message}\n`);
  process.stdout.write(`${report.stats.passes} passed, ${report.stats.failures} failed\n`);
  process.exitCode = report.stats.failures > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof EditorUnavailable ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
