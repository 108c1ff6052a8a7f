import type { CacheShape } from "../../protocol/manifest.js";
import { freeBuffer, type DeviceMemory } from "../runtime/deviceMemory.js";
import type { Buffer } from "../runtime/program.js";
import type { CacheMemory, CachePlace } from "./cacheMemory.js";

/** Caches that stay on a device between passes. */
export class DevicePlace implements CachePlace {
  readonly #device: DeviceMemory;

  constructor(device: DeviceMemory) {
    this.#device = device;
  }

  memoryFor(shape: CacheShape): CacheMemory {
    return new ResidentMemory(this.#device, shape);
  }
}

/** Grown by copying on the device: nothing of it is ever read back. */
class ResidentMemory implements CacheMemory {
  capacity = 0;
  buffers: readonly Buffer[] = [];
  readonly #device: DeviceMemory;
  readonly #shape: CacheShape;

  constructor(device: DeviceMemory, shape: CacheShape) {
    this.#device = device;
    this.#shape = shape;
  }

  async grow(capacity: number): Promise<void> {
    const { layers, kvHeads, headDim } = this.#shape;
    const dims = [1, kvHeads, capacity, headDim];
    const grown: Buffer[] = [];
    try {
      for (let index = 0; index < 2 * layers; index += 1) {
        const old = this.buffers.at(index);
        grown.push(await (old === undefined ? this.#device.zeros(dims) : this.#device.grown(old, dims)));
      }
    } catch (error) {
      grown.forEach(freeBuffer);
      throw error;
    }
    this.free();
    this.buffers = grown;
    this.capacity = capacity;
  }

  free(): void {
    this.buffers.forEach(freeBuffer);
    this.buffers = [];
    this.capacity = 0;
  }
}
