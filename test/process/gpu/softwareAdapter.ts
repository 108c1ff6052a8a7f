import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { DRIVER, vulkanDriver } from "../../run/vulkanDriver.mjs";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** What a process needs in its environment to find the adapter, and no other. Tests that ask for it are skipped where there is none. */
export function adapterEnvironment(): Record<string, string> {
  const folder = vulkanDriver();
  if (folder === undefined) throw new Error(`no browser here has ${DRIVER}: \`node --import tsx test/vscode/installAll.ts\` installs one`);
  return { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: path.join(folder, DRIVER) };
}

/** Runs a worker of this folder in a process that has the adapter. @returns what it printed last, as JSON */
export async function runOnAdapter<T>(worker: string, ...args: readonly string[]): Promise<T> {
  const file = path.join(import.meta.dirname, worker);
  const env = { ...process.env, ...adapterEnvironment() };
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--import", "tsx", file, ...args], { env, cwd: ROOT });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}
