import type { CacheShape } from "../../protocol/manifest.js";
import { bufferOf, type Buffer } from "../runtime/program.js";

/** Memory for the keys and values of all layers, read and written in place. */
export interface CacheMemory {
  /** Positions that fit now. */
  readonly capacity: number;
  /** By layer, keys and values in turn, each [1, kvHeads, capacity, headDim]. */
  readonly buffers: readonly Buffer[];
  /** Takes memory for so many positions, more than there are, and keeps the first `kept`; done at once where no promise is returned. */
  grow(capacity: number, kept: number): Promise<void> | undefined;
  /** Gives back what nobody else takes care of; nothing may use it any more. */
  free(): void;
}

/** Where caches lie: two that were made at the same place can be used by the same programs. */
export interface CachePlace {
  memoryFor(shape: CacheShape): CacheMemory;
}

/** The host's own memory, which the processor's programs read and write. */
export const HOST: CachePlace = { memoryFor: (shape) => new HostMemory(shape) };

class HostMemory implements CacheMemory {
  capacity = 0;
  buffers: readonly Buffer[] = [];
  readonly #shape: CacheShape;
  #arrays: readonly (Float32Array | Uint16Array)[] = [];

  constructor(shape: CacheShape) {
    this.#shape = shape;
  }

  grow(capacity: number, kept: number): undefined {
    const { layers, kvHeads, headDim, type } = this.#shape;
    const dims = [1, kvHeads, capacity, headDim];
    const size = kvHeads * capacity * headDim;
    const arrays = Array.from({ length: 2 * layers }, (_, index) => {
      const array = type === "float16" ? new Uint16Array(size) : new Float32Array(size);
      if (kept > 0) this.#copy(this.#arrays[index], array, capacity, kept);
      return array;
    });
    this.buffers = arrays.map((data) =>
      data instanceof Float32Array ? bufferOf({ type: "float32", data }, dims) : bufferOf({ type: "float16", data }, dims),
    );
    this.#arrays = arrays;
    this.capacity = capacity;
  }

  free(): void {
    // What is no longer used is collected.
  }

  /** Cached positions of every head, from memory of the present capacity to memory of another. */
  #copy(from: Float32Array | Uint16Array, to: Float32Array | Uint16Array, capacity: number, kept: number): void {
    const { kvHeads, headDim } = this.#shape;
    for (let head = 0; head < kvHeads; head += 1) {
      const start = head * this.capacity * headDim;
      to.set(from.subarray(start, start + kept * headDim), head * capacity * headDim);
    }
  }
}
