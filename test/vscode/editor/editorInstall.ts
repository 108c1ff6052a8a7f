import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EditorUnavailable } from "./editorUnavailable.js";

/** An editor as its server and web workbench come from the package registry, with the Node that it needs. */
export interface InstalledEditor {
  readonly node: string;
  readonly serverMain: string;
}

const ROOT = path.resolve(import.meta.dirname, "../../..");
const INSTALL_LIMIT_MS = 15 * 60_000;

/** `current` is what the tests run in; `oldest` is the oldest editor that package.json admits. */
const VERSIONS = {
  current: { codeServer: "4.139.1", node: "24.21.0" },
  oldest: { codeServer: "4.106.3", node: "22.23.3" },
};

export type EditorVersion = keyof typeof VERSIONS;

/** The editor, installed below .cache when it is not there yet (some 30 s, 800 MB). @throws EditorUnavailable */
export function editorInstall(version: EditorVersion = "current"): InstalledEditor {
  if (process.platform !== "linux") throw new EditorUnavailable(`they need Linux, and this is ${process.platform}.`);
  const { codeServer, node } = VERSIONS[version];
  const nodePackage = `node-linux-${process.arch}`;
  const folder = path.join(ROOT, ".cache", `editor-${codeServer}-${node}`);
  if (!existsSync(folder)) {
    process.stderr.write(`installing the editor that the tests run in (code-server ${codeServer}, about half a minute)\n`);
    const partial = `${folder}.${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    writeFileSync(path.join(partial, "package.json"), '{ "private": true }\n');
    npm(partial, `${nodePackage}@${node}`, `code-server@${codeServer}`);
    const product = path.join(partial, "node_modules", "code-server", "lib", "vscode");
    for (const part of [product, path.join(product, "extensions")]) {
      takeFromRegistry(part);
      npm(part, "--omit=dev");
    }
    buildLogger(product, path.join(partial, "node_modules", nodePackage));
    renameSync(partial, folder);
  }
  const modules = path.join(folder, "node_modules");
  return {
    node: path.join(modules, nodePackage, "bin", "node"),
    serverMain: path.join(modules, "code-server", "lib", "vscode", "out", "server-main.js"),
  };
}

/** An editor of earlier days took its file watcher from a repository; the registry has had the same since. */
function takeFromRegistry(folder: string): void {
  const file = path.join(folder, "package.json");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/"parcel-bundler\/watcher#\w+"/, '"2.5.6"'));
}

/** Output channels show what the native logger wrote; without a compiler they stay empty, and the tests run all the same. */
function buildLogger(product: string, nodeFolder: string): void {
  const env = { ...ownEnvironment(), npm_config_nodedir: nodeFolder, PATH: `${path.join(nodeFolder, "bin")}${path.delimiter}${process.env.PATH}` };
  try {
    runNpm(["rebuild", "--loglevel=error", "@vscode/spdlog", "@vscode/native-watchdog"], product, env);
  } catch (error) {
    process.stderr.write(`the editor's logger could not be built, so its output channels will be empty: ${said(error).slice(0, 500)}\n`);
  }
}

function npm(cwd: string, ...args: string[]): void {
  try {
    runNpm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...args], cwd, ownEnvironment());
  } catch (error) {
    throw new EditorUnavailable(`npm could not install it (is the package registry in reach?).\n${said(error)}\n`, error);
  }
}

const said = (error: unknown): string => ((error as { stderr?: string }).stderr ?? String(error)).trim();

/** Without what npm tells the scripts it starts about this project; that is not about the folder that is installed into. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_(local_)?prefix)/.test(name)));
}

function runNpm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): void {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith(".js") ? [process.execPath, [script]] : ["npm", []];
  execFileSync(command, [...first, ...args], { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: INSTALL_LIMIT_MS });
}
