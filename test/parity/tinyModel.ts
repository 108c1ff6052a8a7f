import "../../src/engine/runtime/noTelemetry.js";
import path from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { DecoderEntry } from "../../src/protocol/manifest.js";

/** Positions of the cache, context and canvases together. */
const CAPACITY = 64;
/** Added to the score of a key that must not be seen. */
const HIDDEN = -1e9;

/** What a diffuser pass sees: `sees(query, key)` for the query-th new token and the key-th of all positions. */
export interface Attention {
  readonly positions: readonly number[];
  readonly sees: (query: number, key: number) => boolean;
}

/** A converted model, run by the runtime directly, with a cache that is updated in place. */
export class TinyModel {
  readonly #session: InferenceSession;
  readonly #vocabSize: number;
  readonly #inputs: Record<string, Tensor> = {};
  readonly #outputs: Record<string, Tensor> = {};

  private constructor(session: InferenceSession, { cache: { layers, kvHeads, headDim }, vocabSize }: DecoderEntry) {
    this.#session = session;
    this.#vocabSize = vocabSize;
    for (let layer = 0; layer < layers; layer += 1) {
      for (const part of ["key", "value"]) {
        // Positions that no pass has written hold NaN, so that a graph which read one would show it.
        const memory = new Tensor("float32", new Float32Array(kvHeads * CAPACITY * headDim).fill(NaN), [1, kvHeads, CAPACITY, headDim]);
        this.#inputs[`past_${part}_${layer}`] = memory;
        this.#outputs[`present_${part}_${layer}`] = memory;
      }
    }
  }

  static async load(folder: string, facts: DecoderEntry): Promise<TinyModel> {
    const session = await InferenceSession.create(path.join(folder, facts.graph.path), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    return new TinyModel(session, facts);
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** Writes `tokens` behind the first `past` positions; returns the logits of `rows`, one array a row. */
  async pass(tokens: readonly number[], past: number, rows: readonly number[], attention?: Attention): Promise<Float32Array[]> {
    const m = tokens.length;
    const total = past + m;
    const inputs: Record<string, Tensor> = {
      tokens: new Tensor("int64", BigInt64Array.from(tokens, BigInt), [1, m]),
      rows: new Tensor("int64", BigInt64Array.from(rows, BigInt), [rows.length]),
      seqlens_k: new Tensor("int32", Int32Array.of(total - 1), [1]),
      total_length: new Tensor("int32", Int32Array.of(total), []),
      ...this.#inputs,
    };
    if (attention !== undefined) {
      const bias = Float32Array.from({ length: m * total }, (_, index) => (attention.sees(Math.floor(index / total), index % total) ? 0 : HIDDEN));
      inputs.positions = new Tensor("int64", BigInt64Array.from(attention.positions, BigInt), [1, m]);
      inputs.bias = new Tensor("float32", bias, [1, 1, m, total]);
    }
    const { logits } = await this.#session.run(inputs, { logits: null, ...this.#outputs });
    const data = logits.data as Float32Array;
    return rows.map((_, row) => data.slice(row * this.#vocabSize, (row + 1) * this.#vocabSize));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
