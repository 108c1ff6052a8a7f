import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeTestPair } from "../../models/makeTestPair.js";
import { bundleHostTests } from "./bundleHostTests.js";
import type { EditorHost } from "./hostPlace.js";
import { failedReport, type HostReport } from "./hostReport.js";
import { packagedExtension } from "./packagedExtension.js";
import { sampleWorkspace } from "./sampleWorkspace.js";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const TAIL_CHARACTERS = 8000;

export interface HostRunOptions {
  readonly name: string;
  readonly host: EditorHost;
  /** Test files, relative to the repository. */
  readonly files: readonly string[];
  /** Seen by the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Receives what the extension host prints, line by line. Default: dropped. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/**
 * Runs test files in an extension host, the extension loaded from the repository or, with LACUNA_TEST_EXTENSION=vsix, installed.
 *
 * The editor reports success when its extension host crashes, so only the report that the tests wrote counts.
 * @throws EditorUnavailable
 */
export async function hostRun({ name, host, files, env, limitMs, onLog = () => {} }: HostRunOptions): Promise<HostReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-host-run-"));
  const report = path.join(folder, "report.json");
  const workspace = sampleWorkspace();
  const installed = packagedExtension();
  const tests = await bundleHostTests(files);
  let output = "";
  try {
    const pair = await makeTestPair(path.join(folder, "pair"));
    const how = await host({
      workspace: workspace.folder,
      extension: installed === undefined ? ROOT : emptyExtension(folder),
      vsix: installed?.vsix,
      tests: tests.entry,
      env: { ...env, LACUNA_TEST_PAIR: pair, LACUNA_HOST_REPORT: report, LACUNA_HOST_TESTS: JSON.stringify(tests.files) },
      limitMs,
      onLog: (line) => {
        output = `${output}${line}\n`.slice(-TAIL_CHARACTERS);
        onLog(line);
      },
    });
    return readReport(report) ?? failedReport(name, `The extension host left no report: ${how}.\n${output}`);
  } finally {
    tests.remove();
    installed?.remove();
    workspace.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The workbench runs tests only beside an extension in development; the one under test is installed. */
function emptyExtension(folder: string): string {
  const extension = path.join(folder, "empty");
  mkdirSync(extension);
  const manifest = { name: "empty", publisher: "lacuna-tests", version: "0.0.0", engines: { vscode: "*" } };
  writeFileSync(path.join(extension, "package.json"), JSON.stringify(manifest));
  return extension;
}

function readReport(file: string): HostReport | undefined {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as HostReport;
    return report.stats.passes + report.stats.failures > 0 ? report : undefined;
  } catch {
    return undefined;
  }
}
