import { readFileSync } from "node:fs";
import path from "node:path";
import type { VerifierEntry } from "../../protocol/manifest.js";
import type { OnnxInitializer } from "../../onnx/onnxModel.js";
import { readInitializers } from "../../onnx/onnxReader.js";
import type { StoredTensor } from "../sources/checkpoint.js";
import { heldTensor } from "../sources/heldTensor.js";
import { ReadableFile } from "../sources/readableFile.js";
import { unusable } from "../unusable.js";
import type { WeightPlan } from "../weights/matrixStore.js";
import { dequantize } from "../weights/quantize.js";

const REMEDY = "Import the verifier again, then the reader.";

/** The weights of a verifier in a models folder: what a reader takes from it. */
export class ImportedVerifier {
  readonly #entry: VerifierEntry;
  readonly #constants: ReadonlyMap<string, OnnxInitializer>;
  readonly #data: ReadableFile;

  /** @throws LacunaError `checkpointUnusable` when its files cannot be read */
  constructor(folder: string, entry: VerifierEntry) {
    this.#entry = entry;
    let graph: Uint8Array;
    try {
      graph = readFileSync(path.join(folder, entry.graph.path));
    } catch (cause) {
      throw unusable(`belongs to a verifier whose ${entry.graph.path} cannot be read`, cause, REMEDY);
    }
    this.#constants = new Map(readInitializers(graph).map((constant) => [constant.name, constant]));
    this.#data = new ReadableFile(path.join(folder, entry.data.path));
  }

  close(): void {
    this.#data.close();
  }

  /** How its weights are stored; what a reader's are stored like. */
  get plan(): WeightPlan {
    if (this.#constants.has("embedding")) return "fp32";
    if (this.#constants.get("scores.codes")?.element === "int8") return "rows";
    return this.#entry.weights === "int4" || this.#entry.weights === "mixed" ? this.#entry.weights : "int8";
  }

  /** A constant of its graph, in its data file. @throws LacunaError `checkpointUnusable` */
  constant(name: string): OnnxInitializer {
    const found = this.#constants.get(name);
    if (found === undefined) throw unusable(`belongs to a verifier whose graph has no ${name}`, undefined, REMEDY);
    return found;
  }

  /** The embedding as `addRows` takes it: floats, or codes and scales. */
  get embedding(): OnnxInitializer[] {
    return this.#constants.has("embedding") ? [this.constant("embedding")] : [this.constant("embedding.codes"), this.constant("embedding.scales")];
  }

  /** A vector of 32-bit floats. */
  floats(name: string): Float32Array {
    return this.#floats(
      this.constant(name),
      0,
      this.constant(name).dims.reduce((product, size) => product * size, 1),
    );
  }

  /**
   * The rows of its head for `tokens`, as its codes stand for them: [tokens, columns].
   *
   * @param isTied whether the head is the embedding
   */
  headRows(tokens: readonly number[], columns: number, isTied: boolean): StoredTensor {
    const name = "rows of the verifier's head";
    const read = this.#rowReader(tokens, columns, isTied);
    return { ...heldTensor(name, columns, new Float32Array(0)), rows: tokens.length, read: (from, count) => {
      const rows = new Float32Array(count * columns);
      for (let row = 0; row < count; row += 1) rows.set(read(from + row), row * columns);
      return new Uint8Array(rows.buffer);
    } }; // prettier-ignore
  }

  /** What reads the row of the i-th of `tokens`. */
  #rowReader(tokens: readonly number[], columns: number, isTied: boolean): (index: number) => Float32Array {
    const matrix = isTied ? "embedding" : "scores";
    if (this.#constants.has("embedding")) {
      const floats = this.constant(isTied ? matrix : `${matrix}.weight`);
      return (index) => this.#floats(floats, tokens[index] * columns, columns);
    }
    const [codes, scales] = [this.constant(`${matrix}.codes`), this.constant(`${matrix}.scales`)];
    if (codes.element === "int8") return this.#turnedRows(codes, scales, tokens, columns);
    const blocks = codes.dims[1];
    return (index) => {
      const packed = this.#bytes(codes, tokens[index] * columns, columns);
      const rowScales = this.#floats(scales, tokens[index] * blocks, blocks);
      return dequantize({ bits: 8, blockSize: columns / blocks, packed, scales: rowScales }, blocks);
    };
  }

  /** The same from codes [columns, rows], which are gone through once. */
  #turnedRows(codes: OnnxInitializer, scales: OnnxInitializer, tokens: readonly number[], columns: number): (index: number) => Float32Array {
    const allRows = codes.dims[1];
    const kept = new Int8Array(tokens.length * columns);
    for (let column = 0; column < columns; column += 1) {
      const line = new Int8Array(this.#bytes(codes, column * allRows, allRows).buffer);
      tokens.forEach((token, index) => (kept[index * columns + column] = line[token]));
    }
    const rowScales = this.#floats(scales, 0, allRows);
    return (index) => Float32Array.from(kept.subarray(index * columns, (index + 1) * columns), (code) => code * rowScales[tokens[index]]);
  }

  #bytes({ data }: OnnxInitializer, from: number, count: number): Uint8Array<ArrayBuffer> {
    return data instanceof Uint8Array ? data.slice(from, from + count) : this.#data.read(data.offset + from, count);
  }

  #floats(constant: OnnxInitializer, from: number, count: number): Float32Array {
    return new Float32Array(this.#bytes(constant, 4 * from, 4 * count).buffer);
  }
}
