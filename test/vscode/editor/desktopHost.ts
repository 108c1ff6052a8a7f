import { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath, runTests, TestRunFailedError } from "@vscode/test-electron";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { EditorUnavailable } from "./editorUnavailable.js";
import { tookTooLong, type EditorHost } from "./hostPlace.js";
import { removeFolder } from "./removeFolder.js";
import { USER_SETTINGS, writeSettings } from "./userSettings.js";

const CACHE = path.resolve(import.meta.dirname, "../../../.cache/desktop");

/**
 * The extension host of a desktop editor. What it prints goes to standard output.
 *
 * @param executable the editor's program; when undefined, the latest stable release is downloaded
 */
export function desktopHost(executable?: string): EditorHost {
  return async ({ workspace, extension, vsix, tests, env, limitMs }) => {
    const program = executable ?? (await download());
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-desktop-"));
    let limit: NodeJS.Timeout | undefined;
    try {
      const profile = ["--user-data-dir", path.join(folder, "data"), "--extensions-dir", path.join(folder, "extensions")];
      writeSettings(path.join(folder, "data"), USER_SETTINGS);
      if (vsix !== undefined) installExtension(program, [...profile, "--install-extension", vsix, "--force"]);
      const running = runTests({
        vscodeExecutablePath: program,
        extensionDevelopmentPath: extension,
        extensionTestsPath: tests,
        launchArgs: [workspace, ...profile],
        extensionTestsEnv: env,
      });
      const late = new Promise<string>((resolve) => (limit = setTimeout(() => resolve(tookTooLong(limitMs)), limitMs)));
      return await Promise.race([running.then(endedWith, failedWith), late]);
    } finally {
      clearTimeout(limit);
      await removeFolder(folder);
    }
  };
}

const endedWith = (code: number): string => `it ended with code ${code}`;

function failedWith(error: unknown): string {
  if (error instanceof TestRunFailedError) return error.signal === undefined ? endedWith(error.code ?? -1) : `it was ended by ${error.signal}`;
  return String(error);
}

async function download(): Promise<string> {
  try {
    return await downloadAndUnzipVSCode({ version: "stable", cachePath: CACHE });
  } catch (error) {
    throw new EditorUnavailable(`the desktop editor could not be downloaded (${String(error)}).`, error);
  }
}

function installExtension(program: string, args: readonly string[]): void {
  const isWindows = process.platform === "win32";
  const cli = resolveCliPathFromVSCodeExecutablePath(program);
  // A batch file, on Windows, is run by the shell, which splits at blanks.
  if (isWindows)
    execFileSync(
      `"${cli}"`,
      args.map((arg) => `"${arg}"`),
      { shell: true, stdio: ["ignore", "ignore", "pipe"] },
    );
  else execFileSync(cli, args, { stdio: ["ignore", "ignore", "pipe"] });
}
