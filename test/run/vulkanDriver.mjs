import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** What describes the driver to Vulkan, and Vulkan itself, which a system without a graphics processor lacks. */
export const DRIVER = "vk_swiftshader_icd.json";
const LOADER = "libvulkan.so.1";

/** Folder of the Vulkan driver that computes on the processor, as it comes with the browser of the editor's tests; undefined where there is none. */
export function vulkanDriver() {
  if (process.platform !== "linux") return undefined;
  const { browser } = JSON.parse(readFileSync(path.join(ROOT, "test/vscode/editor/installs.json"), "utf8"));
  const named = process.env.CHROME_PATH ?? "";
  const folders = [path.join(ROOT, ".cache", `browser-${browser.version}`), ...(named === "" ? [] : [path.dirname(named)])];
  return folders.find((folder) => [DRIVER, LOADER].every((file) => existsSync(path.join(folder, file))));
}
