import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EditorUnavailable } from "./editorUnavailable.js";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const INSTALL_LIMIT_MS = 15 * 60_000;

/**
 * A folder below .cache that is filled when it is not there yet. One that could not be filled to the end is not there.
 *
 * @param fill fills a new folder, given as an absolute path, in which npm can install
 * @returns its path
 */
export function installFolder(name: string, fill: (folder: string) => void): string {
  const folder = path.join(ROOT, ".cache", name);
  if (existsSync(folder)) return folder;
  const partial = path.join(path.dirname(folder), `partial-${name}-${process.env.LACUNA_TEST_RUN ?? process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    writeFileSync(path.join(partial, "package.json"), '{ "private": true }\n');
    fill(partial);
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

/** Installs packages, without running their scripts. @throws EditorUnavailable */
export function installPackages(cwd: string, ...args: readonly string[]): void {
  try {
    runNpm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...args], cwd);
  } catch (error) {
    throw new EditorUnavailable(`npm could not install it (is the package registry in reach?).\n${said(error)}\n`, error);
  }
}

/** @throws Error, with what npm wrote as `stderr` */
export function runNpm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): void {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith(".js") ? [process.execPath, [script]] : ["npm", []];
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const whole = { ...ownEnvironment(), ...env };
  execFileSync(command, [...first, ...args], { cwd, env: whole, encoding: "utf8", stdio: [...stdio], timeout: INSTALL_LIMIT_MS });
}

/** What a program that failed wrote. */
export const said = (error: unknown): string => ((error as { stderr?: string }).stderr ?? String(error)).trim();

/** Without what npm tells the scripts it starts about this project; that is not about the folder that is installed into. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_(local_)?prefix)/.test(name)));
}
