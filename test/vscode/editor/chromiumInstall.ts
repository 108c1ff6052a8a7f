import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { EditorUnavailable } from "./editorUnavailable.js";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const PACKAGES = ["chromium", "fonts-dejavu-core"];
const INSTALL_LIMIT_MS = 10 * 60_000;

/** The browser that LACUNA_CHROMIUM names, or the first on the path, or one newly installed with apt. @throws EditorUnavailable */
export function chromiumInstall(): string {
  const found = process.env.LACUNA_CHROMIUM ?? findOnPath(NAMES);
  if (found !== undefined) return found;
  if (findOnPath(["apt-get"]) === undefined) throw new EditorUnavailable("there is no Chromium on the path and no apt-get to install it with.");
  if (process.getuid?.() !== 0) throw new EditorUnavailable("there is no Chromium on the path, and only root can install it with apt-get.");
  process.stderr.write("installing Chromium with apt-get (about a minute)\n");
  apt("update", "-qq");
  apt("install", "-qq", "-y", "--no-install-recommends", ...PACKAGES);
  const installed = findOnPath(NAMES);
  if (installed === undefined) throw new EditorUnavailable("apt-get installed Chromium, but it is not on the path.");
  return installed;
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: INSTALL_LIMIT_MS });
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr ?? String(cause);
    throw new EditorUnavailable(`apt-get ${args[0]} failed, so there is no Chromium.\n${said.trim()}\n`, cause);
  }
}

function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
