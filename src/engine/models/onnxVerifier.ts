import { assert } from "../../base/assert.js";
import type { Verifier } from "../../decode/verifier.js";
import { padded, type OnnxModel } from "./onnxModel.js";

/** Tokens of one prefill pass; longer ones gain nothing and delay a cancellation. */
export const PREFILL_CHUNK = 128;

/** How the passes of an `OnnxVerifier` are shaped. */
export interface PassShape {
  /**
   * `padded`: every pass is filled up to a multiple of `multiple` tokens, and asked for as many rows. Logits then do not depend on how a sequence
   * was split into passes, which is what makes speculation exact. `single`: passes over one new token are not padded:
   * the fastest plain decoding, which rounds a little differently.
   */
  readonly kind: "padded" | "single";
  /** A power of two. */
  readonly multiple: number;
}

/** The autoregressive model in ONNX Runtime, behind a cache that keeps the longest common prefix of successive sequences. */
export class OnnxVerifier implements Verifier {
  readonly vocabSize: number;
  readonly #model: OnnxModel;
  readonly #shape: PassShape;

  constructor(model: OnnxModel, shape: PassShape) {
    this.#model = model;
    this.#shape = shape;
    this.vocabSize = model.facts.vocabSize;
  }

  /** Reads `sequence` into the cache, in padded passes, so that the next `next` pays for new tokens alone. @throws Cancelled */
  async prefill(sequence: readonly number[]): Promise<void> {
    let start = this.#rewindTo(sequence, sequence.length, true);
    while (start < sequence.length) {
      const tokens = sequence.slice(start, start + PREFILL_CHUNK);
      await this.#model.forward(padded(tokens, this.#shape.multiple), start, [0]);
      this.#model.cache.append(tokens, true);
      start += tokens.length;
    }
  }

  /** See `Verifier`. @throws Cancelled */
  async next(sequence: readonly number[], rows: number): Promise<Float32Array> {
    assert(rows >= 1 && rows <= sequence.length, `${rows} rows of a sequence of ${sequence.length}`);
    if (rows > PREFILL_CHUNK) return this.#nextInChunks(sequence, rows);
    const exact = this.#shape.kind === "padded";
    const start = this.#rewindTo(sequence, sequence.length - rows, exact);
    if (sequence.length - start > PREFILL_CHUNK) {
      await this.prefill(sequence.slice(0, sequence.length - rows));
      return this.next(sequence, rows);
    }
    const tokens = sequence.slice(start);
    const isSingle = !exact && tokens.length === 1;
    const { multiple } = this.#shape;
    // The output layer, too, rounds by how many rows it is asked for.
    const wantedRows = isSingle ? rows : rows + (-rows & (multiple - 1));
    const wanted = Array.from({ length: wantedRows }, (_, row) => Math.min(tokens.length - rows + row, tokens.length - 1));
    const logits = await this.#model.forward(isSingle ? tokens : padded(tokens, multiple), start, wanted);
    this.#model.cache.append(tokens, !isSingle);
    return logits.subarray(0, rows * this.vocabSize);
  }

  /** Passes over more tokens at once round differently. @returns memory of its own */
  async #nextInChunks(sequence: readonly number[], rows: number): Promise<Float32Array> {
    const logits = new Float32Array(rows * this.vocabSize);
    for (let row = 0; row < rows; row += PREFILL_CHUNK) {
      const count = Math.min(PREFILL_CHUNK, rows - row);
      logits.set(await this.next(sequence.slice(0, sequence.length - rows + row + count), count), row * this.vocabSize);
    }
    return logits;
  }

  /** Rewinds to the cached common prefix, at most `limit` tokens of it, and returns its length. */
  #rewindTo(sequence: readonly number[], limit: number, exact: boolean): number {
    const cache = this.#model.caches.choose(sequence, exact);
    const start = Math.min(cache.commonPrefix(sequence, exact), limit);
    cache.rewind(start);
    return start;
  }
}
