import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import installs from "../../vscode/editor/installs.json" with { type: "json" };

const ROOT = path.resolve(import.meta.dirname, "../../..");
const DRIVER = "vk_swiftshader_icd.json";
const LOADER = "libvulkan.so.1";

/** Folder of the Vulkan driver that computes on the processor, as it comes with the browser of the editor's tests. */
function driverFolder(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const browser = process.env.CHROME_PATH ?? "";
  const folders = [path.join(ROOT, ".cache", `browser-${installs.browser.version}`), ...(browser === "" ? [] : [path.dirname(browser)])];
  return folders.find((folder) => existsSync(path.join(folder, DRIVER)) && existsSync(path.join(folder, LOADER)));
}

/** Why tests on the software adapter cannot run here; undefined where they can. */
export const NO_ADAPTER =
  driverFolder() === undefined ? `no ${DRIVER} of a browser: \`node --import tsx test/vscode/installAll.ts\` installs one` : undefined;

/** What a process needs in its environment to find the adapter, and no other. */
export function adapterEnvironment(): Record<string, string> {
  const folder = driverFolder();
  return folder === undefined ? {} : { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: path.join(folder, DRIVER) };
}

/** Runs a worker of this folder in a process that has the adapter. @returns what it printed last, as JSON */
export async function runOnAdapter<T>(worker: string, ...args: readonly string[]): Promise<T> {
  const file = path.join(import.meta.dirname, worker);
  const env = { ...process.env, ...adapterEnvironment() };
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--import", "tsx", file, ...args], { env, cwd: ROOT });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}
