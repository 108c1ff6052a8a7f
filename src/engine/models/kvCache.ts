import { assert } from "../../base/assert.js";
import type { CacheShape } from "../../protocol/manifest.js";
import { bufferOf, type Buffer } from "../runtime/program.js";

/** Memory grows in steps of so many positions: each step is copied once. */
const STEP_POSITIONS = 256;
/** Last hidden states are kept of so many positions, the latest. */
const MOST_STATES = 512;

/**
 * Keys and values of one model, in place, and the tokens they belong to.
 *
 * Going back costs nothing: positions beyond `length` are ignored and later overwritten. Memory is there for the positions that
 * were asked for, not for all that the model could see.
 */
export class KvCache {
  readonly #shape: CacheShape;
  /** Graph inputs `past_key_i`, `past_value_i`; the same memory as `presents`. */
  pasts: Readonly<Record<string, Buffer>> = {};
  presents: Readonly<Record<string, Buffer>> = {};
  #arrays: (Float32Array | Uint16Array)[] = [];
  #capacity = 0;
  #tokens: number[] = [];
  #exactLength = 0;
  /** By position, the one kept first at the head. */
  readonly #states = new Map<number, Float32Array>();

  constructor(shape: CacheShape) {
    this.#shape = shape;
    this.reserve(1);
  }

  /** Positions that fit now. */
  get capacity(): number {
    return this.#capacity;
  }

  get length(): number {
    return this.#tokens.length;
  }

  get residentBytes(): number {
    const [state] = this.#states.values();
    return this.#capacity * bytesPerPosition(this.#shape) + this.#states.size * (state?.byteLength ?? 0);
  }

  /** Sees to memory for so many positions, padding included. What is cached stays. */
  reserve(positions: number): void {
    if (positions <= this.#capacity) return;
    const { layers, kvHeads, headDim, type } = this.#shape;
    const capacity = Math.ceil(positions / STEP_POSITIONS) * STEP_POSITIONS;
    const dims = [1, kvHeads, capacity, headDim];
    const pasts: Record<string, Buffer> = {};
    const presents: Record<string, Buffer> = {};
    const arrays: (Float32Array | Uint16Array)[] = [];
    for (let layer = 0; layer < layers; layer += 1) {
      for (const part of ["key", "value"]) {
        const size = kvHeads * capacity * headDim;
        const array = type === "float16" ? new Uint16Array(size) : new Float32Array(size);
        const old = this.#arrays[arrays.length];
        if (old !== undefined) this.#copy(old, array, capacity);
        arrays.push(array);
        const shared =
          array instanceof Float32Array ? bufferOf({ type: "float32", data: array }, dims) : bufferOf({ type: "float16", data: array }, dims);
        pasts[`past_${part}_${layer}`] = shared;
        presents[`present_${part}_${layer}`] = shared;
      }
    }
    this.pasts = pasts;
    this.presents = presents;
    this.#arrays = arrays;
    this.#capacity = capacity;
  }

  /** Cached positions of every head, from memory of the present capacity to memory of another. */
  #copy(from: Float32Array | Uint16Array, to: Float32Array | Uint16Array, capacity: number): void {
    const { kvHeads, headDim } = this.#shape;
    for (let head = 0; head < kvHeads; head += 1) {
      const start = head * this.#capacity * headDim;
      to.set(from.subarray(start, start + this.length * headDim), head * capacity * headDim);
    }
  }

  /**
   * How many leading tokens of `sequence` are cached. With `exact`, only those whose keys and values came from
   * padded passes: a one-token pass rounds differently, and what follows it would too.
   */
  commonPrefix(sequence: readonly number[], exact: boolean): number {
    const limit = Math.min(exact ? this.#exactLength : this.#tokens.length, sequence.length);
    let length = 0;
    while (length < limit && this.#tokens[length] === sequence[length]) length += 1;
    return length;
  }

  /** Forgets everything from position `length` on. */
  rewind(length: number): void {
    assert(length <= this.#tokens.length, "a cache cannot rewind forwards");
    this.#tokens.length = length;
    this.#exactLength = Math.min(this.#exactLength, length);
    for (const position of this.#states.keys()) if (position >= length) this.#states.delete(position);
  }

  /** Records that a pass wrote the next tokens; `exact` if it was a padded pass over exact positions. */
  append(tokens: readonly number[], exact: boolean): void {
    assert(this.#tokens.length + tokens.length <= this.#capacity, "a cache cannot hold more than its capacity");
    if (exact && this.#exactLength === this.#tokens.length) this.#exactLength += tokens.length;
    for (const token of tokens) this.#tokens.push(token);
  }

  /** Keeps a copy of the last hidden state of a cached position, if exact passes led to it. */
  keepState(position: number, state: Float32Array): void {
    if (position >= this.#exactLength) return;
    this.#states.delete(position);
    this.#states.set(position, state.slice());
    const [oldest] = this.#states.keys();
    if (this.#states.size > MOST_STATES) this.#states.delete(oldest);
  }

  /** The last hidden state of a position, where it is known. */
  stateAt(position: number): Float32Array | undefined {
    return this.#states.get(position);
  }
}

/** Bytes that the keys and values of one token take. */
export function bytesPerPosition({ layers, kvHeads, headDim, type }: CacheShape): number {
  return layers * 2 * kvHeads * headDim * (type === "float16" ? 2 : 4);
}
