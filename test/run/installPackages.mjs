import { lstatSync } from "node:fs";
import path from "node:path";
import { execute, root } from "./execute.mjs";
import { isInstalled } from "./isInstalled.mjs";

const INSTALL_LIMIT_MS = 30 * 60_000;
const LEAST_NODE = [20, 19];
const isWindows = process.platform === "win32";

/** Something the person at the keyboard can put right. */
export class SetupError extends Error {}

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  throw new SetupError(`Lacuna needs Node ${LEAST_NODE.join(".")} or later; this is Node ${process.versions.node}. Install a newer one.`);
}

/** @param isToStart leaves out the packages that only tests, checks, benchmarks and packing need: nine in ten */
export async function installPackages({ isToStart = false } = {}) {
  checkNode();
  // An empty HOME would put npm's cache into the current folder; without one, npm asks the system.
  if (process.env.HOME === "") delete process.env.HOME;
  if (isInstalled(root, { isToStart })) return;
  if (lstatSync(path.join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    // npm would empty the folder that the link leads to, whoever else uses it, and put its own in the link's place.
    throw new SetupError("node_modules is a link, and what it leads to is not up to date. Run `npm ci` there, or remove the link.");
  }
  console.error(isToStart ? "installing the packages that it runs with" : "installing all packages (about 30 s)");
  const args = ["ci", isToStart ? "--omit=dev" : "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const { code, output } = npm?.endsWith(".js")
    ? await execute(process.execPath, [npm, ...args], { limitMs: INSTALL_LIMIT_MS })
    : await execute("npm", args, { limitMs: INSTALL_LIMIT_MS, shell: isWindows });
  if (code !== 0) throw new SetupError(`npm ci failed:\n${output.trimEnd()}`);
}
