import { assert } from "../../base/assert.js";
import { tensor, type SessionTensor } from "../runtime/onnxSession.js";

/** Sizes of a model's cache. */
export interface KvCacheShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Positions that fit, padding included. */
  readonly capacity: number;
}

/**
 * Keys and values of one model, in place, and the tokens they belong to.
 *
 * Going back costs nothing: positions beyond `length` are ignored and later overwritten.
 */
export class KvCache {
  readonly capacity: number;
  readonly residentBytes: number;
  /** Graph inputs `past_key_i`, `past_value_i`; the same memory as `presents`. */
  readonly pasts: Record<string, SessionTensor> = {};
  readonly presents: Record<string, SessionTensor> = {};
  #tokens: number[] = [];
  #exactLength = 0;

  constructor({ layers, kvHeads, headDim, capacity }: KvCacheShape) {
    this.capacity = capacity;
    this.residentBytes = layers * 2 * kvHeads * headDim * capacity * 4;
    for (let layer = 0; layer < layers; layer += 1) {
      for (const part of ["key", "value"]) {
        const data = new Float32Array(kvHeads * capacity * headDim);
        const shared = tensor({ type: "float32", data, dims: [1, kvHeads, capacity, headDim] });
        this.pasts[`past_${part}_${layer}`] = shared;
        this.presents[`present_${part}_${layer}`] = shared;
      }
    }
  }

  get length(): number {
    return this.#tokens.length;
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
  }

  /** Records that a pass wrote the next tokens; `exact` if it was a padded pass over exact positions. */
  append(tokens: readonly number[], exact: boolean): void {
    assert(this.#tokens.length + tokens.length <= this.capacity, "a cache cannot hold more than its capacity");
    if (exact && this.#exactLength === this.#tokens.length) this.#exactLength += tokens.length;
    for (const token of tokens) this.#tokens.push(token);
  }
}
