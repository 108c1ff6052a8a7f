import { readFile, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { CUDA_LIBRARIES, DEVICES_FOLDER, RUNTIME_LIBRARY } from "../protocol/cudaProvider.js";
import { LacunaError } from "../protocol/errors.js";
import { devicesFolder } from "./dataFolder.js";
import { messageOf } from "./errorCode.js";
import type { Machine } from "./machine.js";

/** The native runtime that a build of Lacuna comes with. */
export interface ComesWith {
  readonly version: string;
  /** Path of its library for Linux on x64, whether it is there or not. */
  readonly library: string;
}

/** The runtime of a build. @param distDir folder of the built program @throws LacunaError `engineUnavailable` */
export async function runtimeOf(distDir: string): Promise<ComesWith> {
  const folder = path.join(distDir, "..", "node_modules", "onnxruntime-node");
  try {
    const { version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")) as { version: string };
    return { version, library: path.join(folder, "bin", "napi-v6", "linux", "x64", RUNTIME_LIBRARY) };
  } catch (cause) {
    throw new LacunaError("engineUnavailable", `The runtime is not in ${folder}.`, "Build or install Lacuna again.", cause);
  }
}

/** Folder of the CUDA provider's libraries for a version of the runtime. */
export function cudaFolder(machine: Machine, version: string): string {
  return path.join(devicesFolder(machine), "cuda", version);
}

/** Whether the CUDA provider was got for this runtime, and not for another build of the same version, as far as its size tells. */
export async function hasCuda(machine: Machine, { version, library }: ComesWith): Promise<boolean> {
  const folder = cudaFolder(machine, version);
  const [own, copy, ...libraries] = await Promise.all(
    [library, ...[RUNTIME_LIBRARY, ...CUDA_LIBRARIES].map((name) => path.join(folder, name))].map(sizeOf),
  );
  return own !== undefined && own === copy && !libraries.includes(undefined);
}

/** What was got of the CUDA provider, for each version of the runtime. */
export async function gotCuda(machine: Machine): Promise<{ readonly folder: string; readonly bytes: number }[]> {
  const parent = path.join(devicesFolder(machine), "cuda");
  const folders = (await readdir(parent).catch(() => [])).sort().map((name) => path.join(parent, name));
  return Promise.all(folders.map(async (folder) => ({ folder, bytes: await bytesOf(folder) })));
}

/** Removes the CUDA provider for all versions of the runtime. @throws LacunaError `unreadableFile` */
export async function removeCuda(machine: Machine): Promise<void> {
  const folder = path.join(devicesFolder(machine), "cuda");
  await rm(folder, { recursive: true, force: true }).catch((cause: unknown) => {
    throw new LacunaError("unreadableFile", `${folder} cannot be removed: ${messageOf(cause)}.`, "Check the folder's permissions.", cause);
  });
}

/**
 * Variables for the environment of an engine, so that its runtime finds what was got for devices. The loader reads LD_LIBRARY_PATH before
 * the path that the runtime's binding has itself, so that the copy of the runtime's library is loaded, beside which the provider lies.
 *
 * @param distDir folder of the built program
 */
export async function deviceVariables(machine: Machine, distDir: string): Promise<Record<string, string>> {
  if (machine.platform !== "linux") return {};
  const found = { [DEVICES_FOLDER]: devicesFolder(machine) };
  const runtime = await runtimeOf(distDir).catch(() => undefined);
  if (runtime === undefined || !(await hasCuda(machine, runtime))) return found;
  const before = machine.variables.LD_LIBRARY_PATH ?? "";
  const folders = [cudaFolder(machine, runtime.version), ...(before === "" ? [] : [before])];
  return { ...found, LD_LIBRARY_PATH: folders.join(":") };
}

function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}

async function bytesOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder).catch(() => [])).map((name) => sizeOf(path.join(folder, name))));
  return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
}
