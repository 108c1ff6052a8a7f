import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const VULKAN_FOLDERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const VULKAN_VARIABLES = ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"];
const KERNEL_MODULES = ["nvidia", "amdgpu", "i915", "xe", "nouveau"];
/** Where Windows lists display adapters with the versions of their drivers. */
const DISPLAY_CLASS = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}`;
const QUERY_LIMIT_MS = 5000;

/** Names the graphics driver of this machine in some words that change when it does. The runtime tells nothing of it. */
export async function graphicsDriver(): Promise<string> {
  const facts = [os.platform(), os.release()];
  if (process.platform === "linux") facts.push(...(await vulkanDrivers()), ...(await kernelModules()));
  if (process.platform === "win32") facts.push(await displayDrivers());
  return facts.join(" ");
}

async function vulkanDrivers(): Promise<string[]> {
  const named = VULKAN_VARIABLES.flatMap((name) => (process.env[name] ?? "").split(path.delimiter)).filter((file) => file !== "");
  const listed = await Promise.all(VULKAN_FOLDERS.map(filesIn));
  return Promise.all([...named, ...listed.flat().sort()].map(async (file) => {
    const found = await stat(file).catch(() => undefined);
    return `${file}:${found?.size}:${found?.mtimeMs}`;
  })); // prettier-ignore
}

async function filesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.map((file) => path.join(folder, file));
}

async function kernelModules(): Promise<string[]> {
  return Promise.all(KERNEL_MODULES.map(async (name) => {
    const version = await readFile(`/sys/module/${name}/version`, "utf8").catch(() => "");
    return version === "" ? "" : `${name} ${version.trim()}`;
  })); // prettier-ignore
}

async function displayDrivers(): Promise<string> {
  const query = ["query", DISPLAY_CLASS, "/s", "/v", "DriverVersion"];
  return promisify(execFile)("reg", query, { timeout: QUERY_LIMIT_MS, windowsHide: true }).then(
    ({ stdout }) => (stdout.match(/REG_SZ\s+\S+/g) ?? []).join(" "),
    () => "",
  );
}
