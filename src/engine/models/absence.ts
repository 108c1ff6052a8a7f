import type { CudaFacts } from "./cudaFacts.js";
import type { Accelerator } from "./device.js";

/** What is known of a machine and the runtime there. */
export interface MachineFacts {
  /** Such as `linux-x64`. */
  readonly platform: string;
  readonly runtimeVersion: string;
  /** Backends that the runtime was compiled with. */
  readonly compiledIn: readonly string[];
  readonly cuda: CudaFacts;
}

/** Devices of one operating system. */
const ONLY_ON: Readonly<Partial<Record<Accelerator, readonly [platform: string, sentence: string]>>> = {
  dml: ["win32", "DirectML is a part of Windows, and of no other system"],
  coreml: ["darwin", "CoreML is a part of macOS, and of no other system"],
};
const GETS_THEM = "`lacuna devices get cuda`, or the command Get the CUDA Provider in the editor, downloads them";

/** The first thing that a device needs and this machine is known not to have; undefined where only trying tells. */
export function absenceOf(device: Accelerator, { platform, runtimeVersion, compiledIn, cuda }: MachineFacts): string | undefined {
  const [system, sentence] = ONLY_ON[device] ?? [platform];
  if (!platform.startsWith(system)) return sentence;
  if (!compiledIn.includes(device)) return `the runtime's build for ${platform} has no such backend, it takes one that was built with it`;
  if (device !== "cuda") return undefined;
  if (!cuda.hasDriver) return "no NVIDIA driver is found, neither /proc/driver/nvidia/version nor libcuda.so.1";
  if (cuda.hasProvider) return undefined;
  if (cuda.gotFor.includes(runtimeVersion)) return `the libraries of its provider were got for another build of the runtime; ${GETS_THEM} again`;
  if (cuda.gotFor.length === 0) return `the libraries of its provider are not there; ${GETS_THEM}`;
  return `the libraries of its provider are those of runtime ${cuda.gotFor.join(" and ")}, and this is ${runtimeVersion}; ${GETS_THEM}`;
}
