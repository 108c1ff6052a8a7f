import assert from "node:assert/strict";
import type { OnnxGraph, OnnxNode } from "../../../src/onnx/onnxModel.js";
import { rewriteOnnx, type Rewriting } from "../../../src/onnx/onnxRewriter.js";
import { writeOnnx } from "../../../src/onnx/onnxWriter.js";

const node = (op: string, inputs: string[], output: string, attributes: OnnxNode["attributes"] = {}): OnnxNode => {
  return { op, domain: op === "Fused" ? "com.microsoft" : "", inputs, outputs: [output], attributes };
};
const attributes = { causal: 0, axis: -1, epsilon: { float: 0.5 }, perm: [0, 2, 1], empty: [] };
const fused = node("Fused", ["x", "", "w"], "y", attributes);
const GRAPH: OnnxGraph = {
  name: "graph",
  nodes: [node("First", ["x"], "a"), fused, node("Last", ["y"], "z")],
  initializers: [
    { name: "w", element: "float32", dims: [2], data: new Uint8Array(8).fill(7) },
    { name: "far", element: "int8", dims: [3], data: { location: "a file", offset: 4096, bytes: 3 } },
  ],
  inputs: [{ name: "x", element: "int64", dims: [1, "m"] }],
  outputs: [
    { name: "no_copy", element: "int32", dims: [], isSequence: true },
    { name: "present", element: "float32", dims: [1] },
    { name: "z", element: "float32", dims: ["m"] },
  ],
};
const NOTHING: Rewriting = { replace: () => undefined, initializers: [], inputs: [], keepsOutput: () => true };

describe("a graph that is rewritten", () => {
  it("is the same to the byte where nothing changes, and where nodes are read and written again", () => {
    const bytes = writeOnnx(GRAPH);
    assert.deepEqual([...rewriteOnnx(bytes, NOTHING)], [...bytes]);
    const read: OnnxNode[] = [];
    const again = rewriteOnnx(bytes, { ...NOTHING, replace: (each) => [read[read.push(each) - 1]] });
    assert.deepEqual([...again], [...bytes]);
    assert.deepEqual(read, GRAPH.nodes);
  });

  it("has other nodes in a node's place, what they read, and no outputs that are not kept", () => {
    const spelled = [node("One", ["x", "more"], "half"), node("Two", ["half", "c"], "y", { axis: 2 })];
    const constant = { name: "c", element: "float32", dims: [1], data: new Uint8Array(4) } as const;
    const input = { name: "more", element: "int64", dims: [1] } as const;
    const replace = (each: OnnxNode): OnnxNode[] | undefined => (each.op === "Fused" ? spelled : undefined);
    const given = rewriteOnnx(writeOnnx(GRAPH), { replace, initializers: [constant], inputs: [input], keepsOutput: (name) => name !== "present" });
    const expected: OnnxGraph = {
      ...GRAPH,
      nodes: [GRAPH.nodes[0], ...spelled, GRAPH.nodes[2]],
      initializers: [...GRAPH.initializers, constant],
      inputs: [...GRAPH.inputs, input],
      outputs: GRAPH.outputs.filter(({ name }) => name !== "present"),
    };
    // What is added stands at the end; a file may have its parts in any order.
    const inOrder = (bytes: Uint8Array): number[] => [...bytes].sort((a, b) => a - b);
    assert.deepEqual(inOrder(given), inOrder(writeOnnx(expected)));
    assert.deepEqual([...rewriteOnnx(given, NOTHING)], [...given]);
  });
});
