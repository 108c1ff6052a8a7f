import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { format } from "node:util";
import { bundleHostTests } from "./bundleHostTests.js";
import { EditorServer, type EditorServerOptions } from "./editorServer.js";
import { failedReport, type HostReport } from "./hostReport.js";
import { openBrowser } from "./openBrowser.js";
import { packagedExtension } from "./packagedExtension.js";
import { sampleWorkspace } from "./sampleWorkspace.js";
import { workbenchUrl } from "./workbenchUrl.js";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const TAIL_CHARACTERS = 8000;

export interface HostRunOptions extends EditorServerOptions {
  readonly name: string;
  /** Test files, relative to the repository. */
  readonly files: readonly string[];
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
export async function hostRun({ name, files, limitMs, onLog = () => {}, ...options }: HostRunOptions): Promise<HostReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-host-run-"));
  const report = path.join(folder, "report.json");
  const workspace = sampleWorkspace();
  const installed = packagedExtension();
  const tests = await bundleHostTests(files);
  const env = { ...options.env, LACUNA_HOST_REPORT: report, LACUNA_HOST_TESTS: JSON.stringify(tests.files) };
  let [output, limit]: [string, NodeJS.Timeout | undefined] = ["", undefined];
  try {
    const server = await EditorServer.start({ ...options, env, vsix: installed?.vsix });
    const closing: (() => Promise<void>)[] = [() => server.stop()];
    try {
      const browser = await openBrowser();
      closing.unshift(() => browser.close());
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      page.setDefaultTimeout(limitMs);
      const ended = new Promise<string>((resolve) => {
        void page.exposeFunction("codeAutomationExit", (code: number) => resolve(`it ended with code ${code}`));
        limit = setTimeout(() => resolve(`it took longer than ${limitMs / 1000} s`), limitMs);
      });
      await page.exposeFunction("codeAutomationLog", (_type: string, args: readonly unknown[]) => {
        const line = format(...args);
        output = `${output}${line}\n`.slice(-TAIL_CHARACTERS);
        onLog(line);
      });
      const extension = installed === undefined ? ROOT : emptyExtension(folder);
      await page.goto(workbenchUrl(server, { folder: workspace.folder, extension, tests: tests.entry }));
      const how = await ended;
      return readReport(report) ?? failedReport(name, `The extension host left no report: ${how}.\n${output}`);
    } finally {
      for (const close of closing) await close();
    }
  } finally {
    clearTimeout(limit);
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
