import assert from "node:assert/strict";
import { diffuserTokens, type Sequence } from "../../../src/decode/sequence.js";
import type { CanvasInput, Diffuser } from "../../../src/decode/diffuser.js";

/** One call of `denoise`. */
export interface DenoiseCall {
  readonly context: readonly number[];
  readonly canvases: readonly CanvasInput[];
}

/** A diffuser whose row of logits for a slot a function decides. What it handed out turns to NaN at its next call. */
export class ScriptedDiffuser implements Diffuser {
  readonly vocabSize: number;
  readonly maskId = 0;
  readonly sepId = 1;
  readonly maxSlots: number;
  readonly calls: DenoiseCall[] = [];
  readonly #row: (context: readonly number[], length: number, slot: number) => ArrayLike<number>;
  #lent: Float32Array[] = [];

  constructor(vocabSize: number, maxSlots: number, row: (context: readonly number[], length: number, slot: number) => ArrayLike<number>) {
    this.vocabSize = vocabSize;
    this.maxSlots = maxSlots;
    this.#row = row;
  }

  denoise(sequence: Sequence, canvases: readonly CanvasInput[]): Promise<Float32Array[]> {
    const context = diffuserTokens(sequence);
    assert.ok(canvases.length > 0);
    for (const lent of this.#lent) lent.fill(NaN);
    this.calls.push(structuredClone({ context, canvases }));
    this.#lent = canvases.map(({ slots }) => {
      const logits = new Float32Array(slots.length * this.vocabSize);
      slots.forEach((_, slot) => logits.set(this.#row(context, slots.length, slot), slot * this.vocabSize));
      return logits;
    });
    return Promise.resolve(this.#lent);
  }
}

/** Logits [vocabSize] with the peak on `token` and sum p ln p equal to `confidence`, in (-ln vocabSize, 0). */
export function rowOfConfidence(vocabSize: number, token: number, confidence: number): number[] {
  let low = 0;
  let high = 60;
  for (let round = 0; round < 80; round += 1) {
    const peak = (low + high) / 2;
    const total = Math.exp(peak) + vocabSize - 1;
    const value = (Math.exp(peak) * peak) / total - Math.log(total);
    if (value < confidence) low = peak;
    else high = peak;
  }
  const row = new Array<number>(vocabSize).fill(0);
  row[token] = low;
  return row;
}
