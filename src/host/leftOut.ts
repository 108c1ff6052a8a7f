import * as vscode from "vscode";
import { foldersAbove, isIgnored } from "../related/isIgnored.js";

/** Folders that are looked at for one that holds a repository. */
const MOST_PARENTS = 16;

/** Whether git leaves a file of a workspace's folder out. The folder may lie within a larger repository. @param path from the folder */
export async function isLeftOut(folder: vscode.Uri, path: string): Promise<boolean> {
  const { root, inside } = await repositoryOf(folder);
  const whole = inside === "" ? path : `${inside}/${path}`;
  const texts = new Map<string, string>();
  for (const each of foldersAbove(whole)) {
    const names = each === "" ? [".git/info/exclude", ".gitignore"] : [".gitignore"];
    const found = (await Promise.all(names.map((name) => textOf(vscode.Uri.joinPath(root, each, name))))).filter((text) => text !== undefined);
    if (found.length > 0) texts.set(each, found.join("\n"));
  }
  return isIgnored(whole, { texts, ignoresCase: process.platform !== "linux" });
}

/** The innermost folder above or at another that holds a repository, and the way from there to the other; itself where there is none. */
async function repositoryOf(folder: vscode.Uri): Promise<{ readonly root: vscode.Uri; readonly inside: string }> {
  let root = folder;
  for (let parents = 0; parents < MOST_PARENTS; parents += 1) {
    if (await exists(vscode.Uri.joinPath(root, ".git"))) return { root, inside: folder.path.slice(root.path.length).replace(/^\//, "") };
    const parent = vscode.Uri.joinPath(root, "..");
    if (parent.path === root.path) break;
    root = parent;
  }
  return { root: folder, inside: "" };
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

async function textOf(file: vscode.Uri): Promise<string | undefined> {
  return vscode.workspace.fs.readFile(file).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => undefined,
  );
}
