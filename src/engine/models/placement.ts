import type { Device } from "../../protocol/messages.js";
import { DeviceMemory } from "../runtime/deviceMemory.js";
import { Program } from "../runtime/program.js";
import { HOST, type CachePlace } from "./cacheMemory.js";
import { DevicePlace } from "./devicePlace.js";

/**
 * Attention over 32 tokens or more gives wrong numbers on WebGPU in this version of the runtime. Passes are padded to multiples of four, and
 * the largest below is 28.
 */
const MOST_ON_WEBGPU = 28;

/** Runs a graph; see `Program`. */
export type GraphProgram = Pick<Program, "run" | "inPlace">;

/** Where the passes of a model run. */
export interface Placement {
  readonly device: Device;
  /** Where its caches lie. */
  readonly place: CachePlace;
  readonly program: GraphProgram;
  /** Most tokens of one pass, a multiple of 4; wider ones are run in parts. Infinity: any number. */
  readonly mostTokens: number;
}

/** Loads a graph for a device. @throws LacunaError `modelUnusable` or `outOfMemory` */
export async function placeOn(device: Device, graphPath: string, threads: number): Promise<Placement> {
  const program = await Program.create(graphPath, threads, device);
  return device === "webgpu" ? onDevice(device, program, await DeviceMemory.open(device)) : { ...onProcessor(program), device };
}

/** On a device that keeps caches. */
export function onDevice(device: Device, program: GraphProgram, memory: DeviceMemory): Placement {
  return { device, place: new DevicePlace(memory), program, mostTokens: MOST_ON_WEBGPU };
}

/** On the processor, with caches in its memory. */
export function onProcessor(program: GraphProgram): Placement {
  return { device: "cpu", place: HOST, program, mostTokens: Infinity };
}
