import { readFileSync } from "node:fs";
import path from "node:path";
import { bufferOf, Program, type Buffer } from "../../src/engine/runtime/program.js";
import { verifierOf, type VerifierEntry } from "../../src/protocol/manifest.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";

/** What passes need to know of a verifier. */
type Sizes = Pick<VerifierEntry, "vocabSize" | "cache">;

/** A verifier's graph, run pass by pass with nothing around it. */
export class ImportedGraph<Entry extends Sizes = VerifierEntry> {
  readonly entry: Entry;
  readonly #program: Program;
  readonly #caches: Record<string, Buffer> = {};
  readonly #presents: Record<string, Buffer> = {};
  #logits = new Float32Array(0);

  private constructor(entry: Entry, program: Program, capacity: number) {
    this.entry = entry;
    this.#program = program;
    const { layers, kvHeads, headDim } = entry.cache;
    for (let layer = 0; layer < layers; layer += 1) {
      for (const part of ["key", "value"]) {
        const data = new Float32Array(kvHeads * capacity * headDim);
        const buffer = bufferOf({ type: "float32", data }, [1, kvHeads, capacity, headDim]);
        this.#caches[`past_${part}_${layer}`] = buffer;
        this.#presents[`present_${part}_${layer}`] = buffer;
      }
    }
  }

  /** That of a models folder. @param capacity positions that the cache holds */
  static load(modelsDir: string, capacity: number, threads: number): Promise<ImportedGraph> {
    const entry = verifierOf(parseManifest(readFileSync(path.join(modelsDir, "manifest.json"), "utf8")));
    return ImportedGraph.open(entry, path.join(modelsDir, entry.graph.path), capacity, threads);
  }

  /** That of a file. @param capacity positions that the cache holds */
  static async open<Entry extends Sizes>(entry: Entry, graph: string, capacity: number, threads: number): Promise<ImportedGraph<Entry>> {
    return new ImportedGraph(entry, await Program.create(graph, threads, "cpu"), capacity);
  }

  /** Reads `tokens` behind `past` positions; returns the logits of `rows`, [rows, vocabSize], until the next pass. */
  async pass(tokens: readonly number[], past: number, rows: readonly number[]): Promise<Float32Array> {
    const { vocabSize } = this.entry;
    const size = rows.length * vocabSize;
    if (this.#logits.length < size) this.#logits = new Float32Array(size);
    const logits = this.#logits.subarray(0, size);
    const int64 = (values: readonly number[], dims: readonly number[]): Buffer =>
      bufferOf({ type: "int64", data: BigInt64Array.from(values, BigInt) }, dims);
    const int32 = (value: number, dims: readonly number[]): Buffer => bufferOf({ type: "int32", data: Int32Array.of(value) }, dims);
    const inputs = {
      tokens: int64(tokens, [1, tokens.length]),
      rows: int64(rows, [rows.length]),
      seqlens_k: int32(past + tokens.length - 1, [1]),
      total_length: int32(past + tokens.length, []),
      ...this.#caches,
    };
    await this.#program.run(inputs, { ...this.#presents, logits: bufferOf({ type: "float32", data: logits }, [rows.length, vocabSize]) });
    return logits;
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}
