import assert from "node:assert/strict";
import { unroundedGraph } from "../../../../src/engine/runtime/unroundedGraph.js";
import type { OnnxGraph } from "../../../../src/onnx/onnxModel.js";
import { writeOnnx } from "../../../../src/onnx/onnxWriter.js";

/** Products in blocks at a level of accuracy, among other attributes. */
function graphAt(level: number): Uint8Array {
  const attributes = { K: 4, accuracy_level: level, bits: 4 };
  const nodes: OnnxGraph["nodes"] = ["a", "b"].map((name) => ({
    op: "MatMulNBits",
    domain: "com.microsoft",
    inputs: ["x"],
    outputs: [name],
    attributes,
  }));
  return writeOnnx({ name: "products", nodes, initializers: [], inputs: [], outputs: [] });
}

describe("a graph that rounds no inputs", () => {
  it("is the same graph with floats in the place of 8 bits in every product", () => {
    assert.deepEqual([...unroundedGraph(graphAt(4))], [...graphAt(1)]);
  });

  it("leaves the bytes it was made from as they are", () => {
    const graph = graphAt(4);
    unroundedGraph(graph);
    assert.deepEqual([...graph], [...graphAt(4)]);
  });
});
