import { assert } from "../base/assert.js";
import type { Verifier } from "./verifier.js";

/**
 * A verifier whose model reads a marker where the written text begins.
 *
 * Sequences are given without the marker, so that they are the same for verifier and diffuser.
 */
export class MarkedVerifier implements Verifier {
  readonly vocabSize: number;
  readonly #inner: Verifier;
  readonly #contextLength: number;
  readonly #marker: number;

  /** @param contextLength tokens before what is written; @param marker token id */
  constructor(inner: Verifier, contextLength: number, marker: number) {
    this.vocabSize = inner.vocabSize;
    this.#inner = inner;
    this.#contextLength = contextLength;
    this.#marker = marker;
  }

  /** See `Verifier`. The first row that can be had is the one behind the whole context. */
  async next(sequence: readonly number[], rows: number): Promise<Float32Array> {
    const written = sequence.length - this.#contextLength;
    assert(written >= 0 && rows <= written + 1, `${rows} rows of ${written} written tokens`);
    const marked = [...sequence.slice(0, this.#contextLength), this.#marker, ...sequence.slice(this.#contextLength)];
    return this.#inner.next(marked, rows);
  }
}
