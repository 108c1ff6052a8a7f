import type { WeightFormat } from "../protocol/messages.js";
import type { Attribute, OnnxInitializer, OnnxNode } from "./onnxModel.js";
import { quantize, type QuantizedMatrix } from "./quantize.js";
import type { WeightFile } from "./weightFile.js";

/** Collects the nodes of a graph; each method adds some and returns the name of what they compute. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxInitializer[] = [];
  readonly weights: WeightFile;

  constructor(weights: WeightFile) {
    this.weights = weights;
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
    return this.weights.add(name, "float32", dims, data);
  }

  int64(name: string, values: readonly number[]): string {
    // Shapes must be in the graph itself: shape inference does not open the external file.
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.constants.push({ name, element: "int64", dims: [values.length], data });
    return name;
  }

  /**
   * input [.., columns] times the transpose of `data` [rows, columns].
   *
   * @param format how the weights are stored: "fp32" as they are, else in blocks for MatMulNBits
   */
  linear(name: string, input: string, data: Float32Array, rows: number, columns: number, format: WeightFormat): string {
    if (format === "fp32") {
      const weight = this.float32(`${name}.weight`, [columns, rows], transposed(data, rows, columns));
      return this.node("MatMul", [input, weight], name);
    }
    const matrix = quantize(data, rows, columns, format === "int4" ? 4 : 8);
    return this.quantizedLinear(name, input, this.quantized(name, matrix, rows, columns), matrix, rows, columns);
  }

  /** Stores a quantized matrix; returns the names of its codes and scales. */
  quantized(name: string, { bits, blockSize, packed, scales }: QuantizedMatrix, rows: number, columns: number): [codes: string, scales: string] {
    const blocks = columns / blockSize;
    return [
      this.weights.add(`${name}.codes`, "uint8", [rows, blocks, (blockSize * bits) / 8], packed),
      this.float32(`${name}.scales`, [rows, blocks], scales),
    ];
  }

  quantizedLinear(
    name: string,
    input: string,
    stored: readonly [codes: string, scales: string],
    { bits, blockSize }: QuantizedMatrix,
    rows: number,
    columns: number,
  ): string {
    const attributes = { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 4 };
    return this.node("MatMulNBits", [input, ...stored], name, attributes, "com.microsoft");
  }
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) result[column * rows + row] = data[row * columns + column];
  }
  return result;
}
