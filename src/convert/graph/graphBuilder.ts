import type { StoredTensor } from "../sources/checkpoint.js";
import type { MatrixStore, StoredBlocks, StoredRows, WeightPlan } from "../weights/matrixStore.js";
import type { Attribute, OnnxInitializer, OnnxNode } from "../../onnx/onnxModel.js";

const MICROSOFT = "com.microsoft";

const BITS = { int4: 4, int8: 8, stored: "stored" } as const;

/** Collects the nodes of a graph; each method adds some and returns the name of what they compute. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxInitializer[] = [];
  readonly store: MatrixStore;
  readonly plan: WeightPlan;
  /** What was made of an input for one matrix and serves the next one too, by its name. */
  readonly #prepared = new Set<string>();

  constructor(store: MatrixStore, plan: WeightPlan) {
    this.store = store;
    this.plan = plan;
  }

  /** All constants of the graph so far. */
  get initializers(): readonly OnnxInitializer[] {
    return [...this.store.file.initializers, ...this.constants];
  }

  /** Takes over a constant that lies in another graph's data file. */
  take(constant: OnnxInitializer): void {
    this.constants.push(constant);
  }

  /** Adds one node with the output `output`. */
  node(op: string, inputs: readonly string[], output: string, attributes: Record<string, Attribute> = {}, domain: OnnxNode["domain"] = ""): string {
    this.nodes.push({ op, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds one node with several outputs; "" leaves an optional one out. */
  nodeOf(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Record<string, Attribute>, domain: OnnxNode["domain"]): void {
    this.nodes.push({ op, domain, inputs, outputs, attributes });
  }

  float32(name: string, dims: readonly number[], data: Float32Array): string {
    return this.store.file.add(name, "float32", dims, data);
  }

  int64(name: string, values: readonly number[]): string {
    // Shapes must be in the graph itself: shape inference does not open the external file.
    return this.#constant(name, "int64", [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /**
   * input [1, m, columns] times the transpose of the parts, one below the other [rows, columns].
   *
   * @param bearsFourBits whether they have 4 bits where the plan is to mix
   */
  async linear(name: string, input: string, parts: readonly StoredTensor[], bearsFourBits = false): Promise<string> {
    const [{ columns }] = parts;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    switch (this.plan) {
      case "fp32":
        return this.floatLinear(name, input, await this.store.floats(`${name}.weight`, parts, [rows, columns]));
      case "rows":
        return this.#rowLinear(name, input, await this.store.rows(name, parts));
      case "int4":
      case "int8":
      case "mixed":
      case "stored": {
        const bits = BITS[this.plan === "mixed" ? (bearsFourBits ? "int4" : "int8") : this.plan];
        return this.blockLinear(name, input, await this.store.blocks(name, parts, bits), columns);
      }
    }
  }

  floatLinear(name: string, input: string, weight: string): string {
    return this.node("FusedMatMul", [input, weight], name, { transB: 1 }, MICROSOFT);
  }

  /** @param columns of the input */
  blockLinear(name: string, input: string, matrix: StoredBlocks, columns: number): string {
    const { bits, blockSize, rows, isExtended, names } = matrix;
    const attributes = { K: matrix.columns, N: rows, bits, block_size: blockSize, accuracy_level: 4 };
    const given = isExtended ? this.#extended(input, columns, matrix.columns) : input;
    return this.node("MatMulNBits", [given, ...names], name, attributes, MICROSOFT);
  }

  /** `input` with the sum of each block of 32 behind it, filled up with zeros: see `transcode`. */
  #extended(input: string, columns: number, allColumns: number): string {
    const extended = `${input}_extended`;
    if (this.#isPrepared(extended)) return extended;
    const blocks = columns / 32;
    const shape = this.int64(`${input}_blocks_shape`, [1, -1, blocks, 32]);
    this.node("Reshape", [input, shape], `${input}_blocks`);
    let sums = this.node("ReduceSum", [`${input}_blocks`, this.#shared("last_axis")], `${input}_sums`, { keepdims: 0 });
    const missing = allColumns - columns - blocks;
    if (missing > 0) sums = this.node("Pad", [sums, this.int64(`${input}_filling`, [0, 0, 0, 0, 0, missing])], `${input}_filled`);
    return this.node("Concat", [input, sums], extended, { axis: -1 });
  }

  /** Each row of the input in 8 bits with a scale of its own, so that rows do not depend on each other. */
  #rowLinear(name: string, input: string, { codes, scales }: StoredRows): string {
    const [rounded, scale] = [`${input}_codes`, `${input}_scale`];
    if (!this.#isPrepared(rounded)) {
      this.node("Abs", [input], `${input}_sizes`);
      this.node("ReduceMax", [`${input}_sizes`, this.#shared("last_axis")], `${input}_peak`, { keepdims: 1 });
      this.node("Max", [`${input}_peak`, this.#shared("least")], `${input}_floor`);
      this.node("Mul", [`${input}_floor`, this.#shared("step")], scale);
      this.node("Div", [input, scale], `${input}_scaled`);
      this.node("QuantizeLinear", [`${input}_scaled`, this.#shared("one"), this.#shared("middle")], rounded);
    }
    const inputs = [rounded, codes, this.#shared("one"), scales, this.#shared("middle")];
    this.node("MatMulIntegerToFloat", inputs, `${name}_unscaled`, {}, MICROSOFT);
    return this.node("Mul", [`${name}_unscaled`, scale], name);
  }

  #isPrepared(name: string): boolean {
    const isPrepared = this.#prepared.has(name);
    this.#prepared.add(name);
    return isPrepared;
  }

  /** A small constant that many nodes use. */
  #shared(name: keyof typeof SHARED): string {
    if (!this.#isPrepared(name)) {
      const { element, dims, data } = SHARED[name];
      this.#constant(name, element, dims, new Uint8Array(data.buffer.slice(0)));
    }
    return name;
  }

  #constant(name: string, element: OnnxInitializer["element"], dims: readonly number[], data: Uint8Array): string {
    this.constants.push({ name, element, dims, data });
    return name;
  }
}

const SHARED = {
  last_axis: { element: "int64", dims: [1], data: BigInt64Array.of(-1n) },
  least: { element: "float32", dims: [], data: Float32Array.of(1e-8) },
  step: { element: "float32", dims: [], data: Float32Array.of(1 / 127) },
  one: { element: "float32", dims: [], data: Float32Array.of(1) },
  middle: { element: "uint8", dims: [], data: Uint8Array.of(128) },
} as const;
