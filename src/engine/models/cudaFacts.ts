import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { CUDA_LIBRARIES, DEVICES_FOLDER, RUNTIME_LIBRARY } from "../../protocol/cudaProvider.js";
import { isInstalled, isThere } from "./isInstalled.js";

/** Where the kernel module of NVIDIA's driver says which version it is. */
const DRIVER_VERSION = "/proc/driver/nvidia/version";
const DRIVER_LIBRARY = "libcuda.so.1";

/** What there is on this machine of what the CUDA provider needs, as far as files tell. */
export interface CudaFacts {
  readonly hasDriver: boolean;
  /** Whether the libraries of the provider lie beside the runtime's, where it looks for them. */
  readonly hasProvider: boolean;
  /** Versions of the runtime for which the libraries were got. */
  readonly gotFor: readonly string[];
}

/** Looks at this machine; no library is loaded. Once the runtime has been: where it was loaded from counts. */
export async function cudaFacts(): Promise<CudaFacts> {
  if (process.platform !== "linux") return { hasDriver: false, hasProvider: false, gotFor: [] };
  const folder = await runtimeFolder();
  const libraries = folder === undefined ? [] : CUDA_LIBRARIES.map((library) => path.join(folder, library));
  const devices = process.env[DEVICES_FOLDER];
  return {
    hasDriver: (await isThere(DRIVER_VERSION)) || (await isInstalled(DRIVER_LIBRARY)),
    hasProvider: libraries.length > 0 && !(await Promise.all(libraries.map(isThere))).includes(false),
    gotFor: devices === undefined ? [] : await readdir(path.join(devices, "cuda")).catch(() => []),
  };
}

/** Folder of the runtime's library that this process has loaded. */
async function runtimeFolder(): Promise<string | undefined> {
  const maps = await readFile("/proc/self/maps", "utf8").catch(() => "");
  const line = maps.split("\n").find((each) => path.basename(each) === RUNTIME_LIBRARY);
  return line === undefined ? undefined : path.dirname(line.slice(line.indexOf("/")));
}
