import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import type { StoredTensor } from "../sources/checkpoint.js";
import type { Network } from "../sources/network.js";
import { addAttention } from "./attention.js";
import { addEmbedding } from "./embedding.js";
import type { GraphBuilder } from "./graphBuilder.js";
import type { GraphSource, Role } from "./graphSource.js";
import type { OnnxGraph, OnnxValue } from "./onnxModel.js";

const MICROSOFT = "com.microsoft";

/**
 * The graph of one forward pass behind a static key-value cache that is updated in place.
 *
 * inputs   tokens [1, m] · rows [n], the positions whose logits are wanted · seqlens_k [1] = past + m - 1 ·
 *          total_length = past + m · past_key_i, past_value_i [1, kvHeads, S, headDim];
 *          diffuser also: positions [1, m] · bias [1, 1, m, past + m], added to the attention scores
 * outputs  no_copy, a sequence, first: see `Program` · logits [n, vocabSize] · present_key_i, present_value_i
 *
 * The verifier's attention is causal; the diffuser's is whatever `bias` says.
 */
export async function buildDecoderGraph(source: GraphSource, graph: GraphBuilder): Promise<OnnxGraph> {
  const { network, role } = source;
  graph.nodeOf("SequenceConstruct", ["total_length"], ["no_copy"], {}, "");
  addRotaryTables(graph, network);
  const head = await addEmbedding(graph, source);

  let residual = "embedded";
  const firstNorm = await normWeight(graph, source, "model.layers.0.input_layernorm");
  const epsilon = { float: network.normEpsilon };
  let normed = graph.node("SimplifiedLayerNormalization", [residual, firstNorm], "normed_0", { axis: -1, epsilon });
  for (let layer = 0; layer < network.layers; layer += 1) {
    const attended = await addAttention(graph, source, layer, normed);
    const afterAttention = await addNorm(graph, source, `model.layers.${layer}.post_attention_layernorm`, attended, residual, `middle_${layer}`);
    const transformed = await addMlp(graph, source, layer, afterAttention.normed);
    if (layer < network.layers - 1) {
      const next = layer + 1;
      ({ normed, sum: residual } = await addNorm(
        graph,
        source,
        `model.layers.${next}.input_layernorm`,
        transformed,
        afterAttention.sum,
        `normed_${next}`,
      ));
    } else {
      // Only the wanted rows go through the final norm and the head.
      const wantedHidden = graph.node("Gather", [transformed, "rows"], "wanted_hidden", { axis: 1 });
      const wantedResidual = graph.node("Gather", [afterAttention.sum, "rows"], "wanted_residual", { axis: 1 });
      normed = (await addNorm(graph, source, "model.norm", wantedHidden, wantedResidual, "final")).normed;
    }
  }
  const scores = await head(normed);
  graph.node("Reshape", [scores, graph.int64("logits_shape", [-1, network.vocabSize])], "logits");
  const initializers = [...graph.store.file.initializers, ...graph.constants];
  return { name: `${network.family}_${role}`, nodes: graph.nodes, initializers, ...valuesOf(network, role) };
}

function valuesOf({ layers, kvHeads, headDim, vocabSize }: Network, role: Role): Pick<OnnxGraph, "inputs" | "outputs"> {
  const cache = (kind: "past" | "present"): OnnxValue[] =>
    Array.from({ length: layers }, (_, layer) =>
      ["key", "value"].map((part): OnnxValue => ({ name: `${kind}_${part}_${layer}`, element: "float32", dims: [1, kvHeads, "capacity", headDim] })),
    ).flat();
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

async function normWeight(graph: GraphBuilder, { network, tensor }: GraphSource, module: string): Promise<string> {
  const { hiddenSize } = network;
  return graph.store.floats(`${module}.weight`, [tensor(`${module}.weight`, 1, hiddenSize)], [hiddenSize]);
}

/** Adds `hidden` to `residual`; returns the sum and its norm. */
async function addNorm(
  graph: GraphBuilder,
  source: GraphSource,
  module: string,
  hidden: string,
  residual: string,
  name: string,
): Promise<{ readonly normed: string; readonly sum: string }> {
  const sum = `${name}_sum`;
  const inputs = [hidden, residual, await normWeight(graph, source, module)];
  graph.nodeOf("SkipSimplifiedLayerNormalization", inputs, [name, "", "", sum], { epsilon: { float: source.network.normEpsilon } }, MICROSOFT);
  return { normed: name, sum };
}

async function addMlp(graph: GraphBuilder, { network, tensor }: GraphSource, layer: number, input: string): Promise<string> {
  const { hiddenSize, intermediateSize } = network;
  const module = `model.layers.${layer}.mlp`;
  const wide = (name: string): StoredTensor[] => [tensor(`${module}.${name}.weight`, intermediateSize, hiddenSize)];
  const gate = await graph.linear(`gate_${layer}`, input, wide("gate_proj"), true);
  const up = await graph.linear(`up_${layer}`, input, wide("up_proj"), true);
  const active = graph.node("QuickGelu", [gate], `active_${layer}`, { alpha: { float: 1 } }, MICROSOFT);
  const gated = graph.node("Mul", [active, up], `gated_${layer}`);
  return graph.linear(`transformed_${layer}`, gated, [tensor(`${module}.down_proj.weight`, hiddenSize, intermediateSize)]);
}
