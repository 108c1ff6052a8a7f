import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EditorUnavailable } from "./editorUnavailable.js";
import { installFolder, installPackages, runNpm, said } from "./installFolder.js";
import installs from "./installs.json" with { type: "json" };

/** An editor as its server and web workbench come from the package registry, with the Node that it needs. */
export interface InstalledEditor {
  readonly node: string;
  readonly serverMain: string;
}

/** `current` is what the tests run in; `oldest` is the oldest editor that package.json admits. */
export type EditorVersion = keyof typeof installs.editors;

/** The editor, installed below .cache when it is not there yet. @throws EditorUnavailable */
export function editorInstall(version: EditorVersion = "current"): InstalledEditor {
  if (process.platform !== "linux") throw new EditorUnavailable(`they need Linux, and this is ${process.platform}.`);
  const { codeServer, node } = installs.editors[version];
  const nodePackage = `node-linux-${process.arch}`;
  const folder = installFolder(`editor-${codeServer}-${node}`, (partial) => {
    installPackages(partial, `${nodePackage}@${node}`, `code-server@${codeServer}`);
    const product = path.join(partial, "node_modules", "code-server", "lib", "vscode");
    for (const part of [product, path.join(product, "extensions")]) {
      takeFromRegistry(part);
      installPackages(part, "--omit=dev");
    }
    buildLogger(product, path.join(partial, "node_modules", nodePackage));
  });
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
  const env = { npm_config_nodedir: nodeFolder, PATH: `${path.join(nodeFolder, "bin")}${path.delimiter}${process.env.PATH}` };
  try {
    runNpm(["rebuild", "--loglevel=error", "@vscode/spdlog", "@vscode/native-watchdog"], product, env);
  } catch (error) {
    process.stderr.write(`the editor's logger could not be built, so its output channels will be empty: ${said(error).slice(0, 500)}\n`);
  }
}
