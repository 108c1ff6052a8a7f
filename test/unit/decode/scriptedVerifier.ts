import assert from "node:assert/strict";
import { verifierTokens, type Sequence } from "../../../src/decode/sequence.js";
import type { Verifier } from "../../../src/decode/verifier.js";

/** A verifier whose logits a function of the sequence decides. What it handed out turns to NaN at its next call. */
export class ScriptedVerifier implements Verifier {
  readonly vocabSize: number;
  readonly ends: ReadonlySet<number>;
  passes = 0;
  readonly #logitsAfter: (sequence: readonly number[]) => readonly number[];
  #lent = new Float32Array(0);

  constructor(vocabSize: number, logitsAfter: (sequence: readonly number[]) => readonly number[], ...ends: number[]) {
    this.vocabSize = vocabSize;
    this.ends = new Set(ends);
    this.#logitsAfter = logitsAfter;
  }

  next(given: Sequence, rows: number): Promise<Float32Array> {
    const sequence = verifierTokens(given);
    assert.ok(rows >= 1 && rows <= sequence.length, `${rows} rows of ${sequence.length} tokens`);
    this.#lent.fill(NaN);
    this.passes += 1;
    const logits = new Float32Array(rows * this.vocabSize);
    for (let row = 0; row < rows; row += 1) {
      logits.set(this.#logitsAfter(sequence.slice(0, sequence.length - rows + row + 1)), row * this.vocabSize);
    }
    this.#lent = logits;
    return Promise.resolve(logits);
  }
}

/** Logits of a few levels, so that ties are common, out of the last two tokens and the length. */
export function hashedLogits(seed: number, vocabSize: number, levels: number): (sequence: readonly number[]) => number[] {
  return (sequence) =>
    Array.from({ length: vocabSize }, (_, id) => {
      let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ sequence.length;
      for (const part of [sequence.at(-1) ?? 0, sequence.at(-2) ?? 0, id]) {
        hash = Math.imul(hash ^ (part + 0x7f4a7c15), 0x21f0aaad);
        hash ^= hash >>> 15;
      }
      return ((hash >>> 0) % levels) * 0.7;
    });
}
