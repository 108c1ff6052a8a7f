import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { LacunaError } from "../../src/protocol/errors.js";

/** The version that is measured: its binaries, and the parts of it that are its own. */
export const LLAMA_PACKAGE = { name: "node-llama-cpp", version: "3.21.1" } as const;

/** The packages with llama.cpp built for the processor alone, by platform and architecture. */
const BINARIES: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "linux-arm": "linux-armv7l",
  "darwin-x64": "mac-x64",
  "darwin-arm64": "mac-arm64-metal",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};

/** What npm is asked to install: the package and the one binary for this machine. @throws LacunaError `benchUnusable` where there is none */
export function packagesFor(platform: string, architecture: string): string[] {
  const binary = BINARIES[`${platform}-${architecture}`];
  if (binary === undefined) {
    throw new LacunaError("benchUnusable", `llama.cpp is not built for ${platform} on ${architecture}.`, "Measure on another machine.");
  }
  const { name, version } = LLAMA_PACKAGE;
  return [`${name}@${version}`, `@${name}/${binary}@${version}`];
}

/**
 * The folder that holds node-llama-cpp, which nothing but this benchmark needs: it is installed there at the first run.
 *
 * No script of any package runs, so nothing is compiled, and no model or source is downloaded.
 *
 * @param cache folder of what can be got again
 * @param say is told before anything is fetched
 */
export async function installedLlama(cache: string, say: (sentence: string) => void): Promise<string> {
  const folder = path.join(cache, "lacuna-bench", `${LLAMA_PACKAGE.name}-${LLAMA_PACKAGE.version}`);
  const packages = packagesFor(process.platform, process.arch);
  const isThere = await Promise.all(packages.map((name) => isInstalled(folder, name.slice(0, name.lastIndexOf("@")))));
  if (isThere.every(Boolean)) return folder;
  say(`Installing ${packages.join(" and ")} into ${folder}, for this benchmark alone.`);
  await mkdir(folder, { recursive: true });
  const flags = ["--no-save", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
  try {
    const options = { cwd: folder, shell: process.platform === "win32" };
    await promisify(execFile)("npm", ["install", "--prefix", ".", ...flags, ...packages], options);
  } catch (cause) {
    throw new LacunaError("packageMissing", `${packages[0]} could not be installed into ${folder}.`, "Is the package registry reachable?", cause);
  }
  return folder;
}

async function isInstalled(folder: string, name: string): Promise<boolean> {
  const file = path.join(folder, "node_modules", name, "package.json");
  if (!existsSync(file)) return false;
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string };
  return version === LLAMA_PACKAGE.version;
}
