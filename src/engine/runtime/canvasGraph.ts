import { assert } from "../../base/assert.js";
import { rewriteOnnx } from "../../onnx/onnxRewriter.js";
import type { OnnxInitializer, OnnxNode } from "../../onnx/onnxModel.js";

/** Name of the input that says how many positions of the cache a canvas sees, [1]; there are at least one. */
export const PAST = "past";

/**
 * The bytes of a reader's graph for a device that has no attention that looks both ways, and no product with the transpose of a matrix: these
 * operators are spelled out. It reads the first `past` positions of the cache and writes none.
 *
 * @param headDim of a head of attention
 */
export function canvasGraph(graph: Uint8Array, headDim: number): Uint8Array {
  const initializers: OnnxInitializer[] = [int64("spelled_zero", [0]), int64("spelled_positions", [2])];
  const replace = (node: OnnxNode): readonly OnnxNode[] | undefined => {
    if (node.op === "FusedMatMul") return spelledProduct(node);
    if (node.op !== "GroupQueryAttention") return undefined;
    const spelled = spelledOut(node, headDim);
    initializers.push(...spelled.initializers);
    return spelled.nodes;
  };
  return rewriteOnnx(graph, {
    replace,
    initializers,
    inputs: [{ name: PAST, element: "int64", dims: [1] }],
    keepsOutput: (name) => !name.startsWith("present_"),
  });
}

/** The runtime turns the constant once, when it loads the graph. */
function spelledProduct({ inputs: [input, matrix], outputs, attributes }: OnnxNode): OnnxNode[] {
  assert(Object.keys(attributes).join() === "transB" && attributes.transB === 1, "a product is one with the transpose of a matrix");
  const turned = `${outputs[0]}_turned`;
  return [
    { op: "Transpose", domain: "", inputs: [matrix], outputs: [turned], attributes: { perm: [1, 0] } },
    { op: "MatMul", domain: "", inputs: [input, turned], outputs, attributes: {} },
  ];
}

/** Queries of all tokens whose heads share keys lie in one matrix, token after token, [1, kvHeads, tokens * shared, headDim]. */
function spelledOut({ inputs, outputs, attributes }: OnnxNode, headDim: number): { nodes: OnnxNode[]; initializers: OnnxInitializer[] } {
  const isKnown = Object.keys(attributes).sort().join() === "causal,kv_num_heads,num_heads" && attributes.causal === 0 && inputs[1] !== "";
  assert(isKnown, "attention looks both ways, over queries, keys and values apart");
  const [q, k, v, pastKey, pastValue] = inputs;
  const bias = inputs[10];
  const [attended] = outputs;
  const [heads, kvHeads] = [attributes.num_heads as number, attributes.kv_num_heads as number];
  const shared = heads / kvHeads;
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const add = (op: string, from: readonly string[], name: string, own: OnnxNode["attributes"] = {}): string => {
    const output = name === "" ? attended : `${attended}_${name}`;
    nodes.push({ op, domain: "", inputs: from, outputs: [output], attributes: own });
    return output;
  };
  const reshaped = (input: string, name: string, shape: readonly number[]): string => {
    const constant = int64(`${attended}_${name || "whole"}_shape`, shape);
    initializers.push(constant);
    return add("Reshape", [input, constant.name], name);
  };
  /** [1, tokens, kvHeads, size] from [1, tokens, kvHeads * size], then the heads first. */
  const byHead = (input: string, name: string, size: number): string =>
    add("Transpose", [reshaped(input, `${name}_split`, [1, -1, kvHeads, size])], `${name}_by_head`, { perm: [0, 2, 1, 3] });
  const all = (past: string, own: string, name: string): string => {
    const seen = add("Slice", [past, "spelled_zero", PAST, "spelled_positions"], `${name}_seen`);
    return add("Concat", [seen, byHead(own, name, headDim)], `${name}_all`, { axis: 2 });
  };
  const queries = reshaped(byHead(q, "q", shared * headDim), "q_rows", [1, kvHeads, -1, headDim]);
  const keys = add("Transpose", [all(pastKey, k, "k")], "k_turned", { perm: [0, 1, 3, 2] });
  const scale = `${attended}_scale`;
  initializers.push({ name: scale, element: "float32", dims: [1], data: bytesOf(Float32Array.of(headDim ** -0.5)) });
  const scores = add("Mul", [add("MatMul", [queries, keys], "products"), scale], "scores");
  // 0: as many keys as there are.
  const byToken = reshaped(scores, "by_token", [kvHeads, -1, shared, 0]);
  const shares = add("Softmax", [add("Add", [byToken, reshaped(bias, "bias", [1, -1, 1, 0])], "biased")], "shares", { axis: -1 });
  const rows = reshaped(shares, "share_rows", [1, kvHeads, -1, 0]);
  const mixed = reshaped(add("MatMul", [rows, all(pastValue, v, "v")], "mixed"), "mixed_heads", [1, kvHeads, -1, shared * headDim]);
  reshaped(add("Transpose", [mixed], "by_position", { perm: [0, 2, 1, 3] }), "", [1, -1, heads * headDim]);
  return { nodes, initializers };
}

function int64(name: string, values: readonly number[]): OnnxInitializer {
  return { name, element: "int64", dims: [values.length], data: bytesOf(BigInt64Array.from(values, BigInt)) };
}

function bytesOf({ buffer }: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer);
}
