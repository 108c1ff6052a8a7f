import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import type { Network } from "../sources/network.js";
import { addEmbedding } from "./embedding.js";
import type { GraphBuilder } from "./graphBuilder.js";
import type { DecoderRole, GraphSource } from "./graphSource.js";
import { addFinalNorm, addLayers } from "./layers.js";
import { cacheValues, type OnnxGraph, type OnnxValue } from "../../onnx/onnxModel.js";

/**
 * The graph of one forward pass behind a static key-value cache that is updated in place.
 *
 * inputs   tokens [1, m] · rows [n], the positions whose logits are wanted · seqlens_k [1] = past + m - 1 ·
 *          total_length = past + m · past_key_i, past_value_i [1, kvHeads, S, headDim];
 *          diffuser also: positions [1, m] · bias [1, 1, m, past + m], added to the attention scores
 * outputs  no_copy, a sequence, first: see `Program` · logits [n, vocabSize] · present_key_i, present_value_i;
 *          verifier also: hidden [1, n, hiddenSize], what the head reads for these rows
 *
 * The verifier's attention is causal; the diffuser's is whatever `bias` says.
 */
export async function buildDecoderGraph(source: GraphSource & { readonly role: DecoderRole }, graph: GraphBuilder): Promise<OnnxGraph> {
  const { network, role } = source;
  graph.nodeOf("SequenceConstruct", ["total_length"], ["no_copy"], {}, "");
  addRotaryTables(graph, network);
  const head = await addEmbedding(graph, source);
  const last = await addLayers(graph, source, [...new Array(network.layers).keys()], "embedded");
  const scores = await head(await addFinalNorm(graph, source, last));
  graph.node("Reshape", [scores, graph.int64("logits_shape", [-1, network.vocabSize])], "logits");
  return { name: `${network.family}_${role}`, nodes: graph.nodes, initializers: graph.initializers, ...valuesOf(network, role) };
}

function valuesOf(network: Network, role: DecoderRole): Pick<OnnxGraph, "inputs" | "outputs"> {
  const { layers, vocabSize, hiddenSize } = network;
  const cache = (kind: "past" | "present"): OnnxValue[] => cacheValues(kind, [...new Array(layers).keys()], network);
  const attention: OnnxValue[] = [
    { name: "positions", element: "int64", dims: [1, "m"] },
    { name: "bias", element: "float32", dims: [1, 1, "m", "total"] },
  ];
  return {
    inputs: [
      { name: "tokens", element: "int64", dims: [1, "m"] },
      { name: "rows", element: "int64", dims: ["n"] },
      { name: "seqlens_k", element: "int32", dims: [1] },
      { name: "total_length", element: "int32", dims: [] },
      ...(role === "diffuser" ? attention : []),
      ...cache("past"),
    ],
    outputs: [
      { name: "no_copy", element: "int32", dims: [], isSequence: true },
      { name: "logits", element: "float32", dims: ["n", vocabSize] },
      ...(role === "verifier" ? [{ name: "hidden", element: "float32", dims: [1, "n", hiddenSize] } as const] : []),
      ...cache("present"),
    ],
  };
}

function addRotaryTables(graph: GraphBuilder, { contextTokens, headDim, ropeTheta }: Network): void {
  const half = headDim / 2;
  const rows = contextTokens + SPARE_POSITIONS;
  const cos = new Float32Array(rows * half);
  const sin = new Float32Array(rows * half);
  const frequencies = Float32Array.from({ length: half }, (_, index) => ropeTheta ** (-index / half));
  for (let row = 0; row < rows; row += 1) {
    for (let index = 0; index < half; index += 1) {
      const angle = row * frequencies[index];
      cos[row * half + index] = Math.cos(angle);
      sin[row * half + index] = Math.sin(angle);
    }
  }
  graph.float32("cos", [rows, half], cos);
  graph.float32("sin", [rows, half], sin);
}
