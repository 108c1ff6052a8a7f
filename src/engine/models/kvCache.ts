import { assert } from "../../base/assert.js";
import type { CacheShape } from "../../protocol/manifest.js";
import type { Buffer } from "../runtime/program.js";
import { HOST, type CacheMemory, type CachePlace } from "./cacheMemory.js";

/** Memory grows in steps of so many positions: each step is copied once. */
const STEP_POSITIONS = 256;
/** Last hidden states are kept of so many positions, the latest. */
const MOST_STATES = 512;

/**
 * Keys and values of one model, in place, and the tokens they belong to.
 *
 * Going back costs nothing: positions beyond `length` are ignored and later overwritten. Memory is there for the positions that
 * were asked for, not for all that the model could see; it lies where the programs run that use it.
 */
export class KvCache {
  readonly #shape: CacheShape;
  #place: CachePlace = HOST;
  #memory: CacheMemory;
  /** Graph inputs `past_key_i`, `past_value_i`; the same memory as `presents`. */
  pasts: Readonly<Record<string, Buffer>> = {};
  presents: Readonly<Record<string, Buffer>> = {};
  #tokens: number[] = [];
  #exactLength = 0;
  /** By position, the one kept first at the head. */
  readonly #states = new Map<number, Float32Array>();

  constructor(shape: CacheShape) {
    this.#shape = shape;
    this.#memory = HOST.memoryFor(shape);
    void this.reserve(1);
  }

  /** Positions that fit now. */
  get capacity(): number {
    return this.#memory.capacity;
  }

  get length(): number {
    return this.#tokens.length;
  }

  get residentBytes(): number {
    const [state] = this.#states.values();
    return this.capacity * bytesPerPosition(this.#shape) + this.#states.size * (state?.byteLength ?? 0);
  }

  /** Sees to memory for so many positions, padding included. What is cached stays. Done when it returns where the memory is the host's. */
  async reserve(positions: number): Promise<void> {
    if (positions <= this.capacity) return;
    const grown = this.#memory.grow(stepsFor(positions), this.length);
    if (grown !== undefined) await grown;
    this.pasts = named("past", this.#memory);
    this.presents = named("present", this.#memory);
  }

  /**
   * Sees to it that its memory lies at `place`. Where it does not, it is given back, and what was cached is forgotten.
   *
   * @returns the tokens that were forgotten
   */
  moveTo(place: CachePlace): readonly number[] {
    if (place === this.#place) return [];
    const forgotten = [...this.#tokens];
    this.rewind(0);
    this.#memory.free();
    this.#place = place;
    this.#memory = place.memoryFor(this.#shape);
    return forgotten;
  }

  /** Gives back memory that lies elsewhere than in the host's, of which nobody else takes care. Nothing may use the cache any more. */
  free(): void {
    this.#memory.free();
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
    assert(this.#tokens.length + tokens.length <= this.capacity, "a cache cannot hold more than its capacity");
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

function named(kind: "past" | "present", { buffers }: CacheMemory): Record<string, Buffer> {
  return Object.fromEntries(buffers.map((buffer, index) => [`${kind}_${index % 2 === 0 ? "key" : "value"}_${index >> 1}`, buffer]));
}

function stepsFor(positions: number): number {
  return Math.ceil(positions / STEP_POSITIONS) * STEP_POSITIONS;
}
