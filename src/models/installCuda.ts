import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { CUDA_LIBRARIES, RUNTIME_LIBRARY } from "../protocol/cudaProvider.js";
import { LacunaError } from "../protocol/errors.js";
import { cudaFolder, type ComesWith } from "./cudaProvider.js";
import { devicesFolder } from "./dataFolder.js";
import { diskFailure } from "./diskFailure.js";
import type { Machine } from "./machine.js";
import type { WantedWheel } from "./packageIndex.js";
import { unpack } from "./unpack.js";
import { takeWorkLock } from "./workLock.js";

/** What of a wheel is kept. */
const KEPT = ["onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt", ...CUDA_LIBRARIES.map((library) => `onnxruntime/capi/${library}`)];

/** The package of the CUDA provider's libraries for a version of the runtime. */
export function cudaWheel(version: string): WantedWheel {
  const name = new RegExp(`^onnxruntime_gpu-${version.replaceAll(".", String.raw`\.`)}-cp\\d+-cp\\d+-manylinux_[\\d_]+_x86_64\\.whl$`);
  return { project: "onnxruntime-gpu", name, what: `onnxruntime-gpu ${version} for Linux on x64` };
}

/**
 * Puts the CUDA provider's libraries out of a wheel into the data folder, and beside them a copy of the runtime's library: it looks for
 * providers in the folder that it was loaded from, and its own may be read-only, and is replaced by updates.
 *
 * @returns the folder
 * @throws LacunaError `downloadBusy`, `downloadBroken`, `diskFull`, `unreadableFile`
 */
export async function installCuda(machine: Machine, { version, library }: ComesWith, wheel: string): Promise<string> {
  const target = cudaFolder(machine, version);
  const devices = devicesFolder(machine);
  const part = path.join(devices, `cuda-${version}.part`);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    const lock = await takeWorkLock(`${part}.lock`, "unpacking the CUDA provider");
    try {
      await rm(part, { recursive: true, force: true });
      await mkdir(part);
      await unpack(wheel, KEPT, part);
      await copyFile(library, path.join(part, RUNTIME_LIBRARY));
      await rm(target, { recursive: true, force: true });
      await rename(part, target);
    } finally {
      await rm(part, { recursive: true, force: true });
      await lock.release();
    }
  } catch (error) {
    throw error instanceof LacunaError ? error : diskFailure(error, devices);
  }
  return target;
}
