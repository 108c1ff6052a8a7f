import type { StoredTensor } from "../sources/checkpoint.js";
import { addAttention } from "./attention.js";
import type { GraphBuilder } from "./graphBuilder.js";
import type { GraphSource } from "./graphSource.js";

const MICROSOFT = "com.microsoft";

/** What the last layer adds, and what it adds it to: both [1, m, hidden]. */
export interface LastLayer {
  readonly transformed: string;
  readonly residual: string;
}

/**
 * Adds layers one after the other; each reads and extends the cache of its own number.
 *
 * @param layers numbers of the layers, in the order in which they are run
 * @param input [1, m, hidden]
 */
export async function addLayers(graph: GraphBuilder, source: GraphSource, layers: readonly number[], input: string): Promise<LastLayer> {
  const [first] = layers;
  const weight = await normWeight(graph, source, `model.layers.${first}.input_layernorm`);
  const epsilon = { float: source.network.normEpsilon };
  let residual = input;
  let transformed = "";
  let normed = graph.node("SimplifiedLayerNormalization", [input, weight], `normed_${first}`, { axis: -1, epsilon });
  for (const layer of layers) {
    if (layer !== first) {
      const module = `model.layers.${layer}.input_layernorm`;
      ({ normed, sum: residual } = await addNorm(graph, source, module, transformed, residual, `normed_${layer}`));
    }
    const attended = await addAttention(graph, source, layer, normed);
    const afterAttention = await addNorm(graph, source, `model.layers.${layer}.post_attention_layernorm`, attended, residual, `middle_${layer}`);
    transformed = await addMlp(graph, source, layer, afterAttention.normed);
    residual = afterAttention.sum;
  }
  return { transformed, residual };
}

/** Adds the norm before the head, for the wanted `rows` only; returns `hidden` [1, n, hidden]. */
export async function addFinalNorm(graph: GraphBuilder, source: GraphSource, { transformed, residual }: LastLayer): Promise<string> {
  const wantedHidden = graph.node("Gather", [transformed, "rows"], "wanted_hidden", { axis: 1 });
  const wantedResidual = graph.node("Gather", [residual, "rows"], "wanted_residual", { axis: 1 });
  return (await addNorm(graph, source, "model.norm", wantedHidden, wantedResidual, "hidden")).normed;
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
