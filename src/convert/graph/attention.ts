import type { StoredTensor } from "../sources/checkpoint.js";
import type { GraphBuilder } from "./graphBuilder.js";
import type { GraphSource } from "./graphSource.js";

const MICROSOFT = "com.microsoft";

/** Names of what attention reads: [1, m, heads * headDim] each, or all three in one. */
type Projected = { readonly all: string } | { readonly q: string; readonly k: string; readonly v: string };

/** Adds the attention of one layer behind its cache; returns its output [1, m, hidden]. */
export async function addAttention(graph: GraphBuilder, source: GraphSource, layer: number, input: string): Promise<string> {
  const { network, tensor, role } = source;
  const { heads, kvHeads, headDim, hiddenSize } = network;
  const projected = await addProjections(graph, source, layer, input);
  const past = [`past_key_${layer}`, `past_value_${layer}`];
  const outputs = [`attended_${layer}`, `present_key_${layer}`, `present_value_${layer}`];
  const sizes = { num_heads: heads, kv_num_heads: kvHeads };
  if (role === "verifier") {
    const qkv = "all" in projected ? [projected.all, "", ""] : [projected.q, projected.k, projected.v];
    const inputs = [...qkv, ...past, "seqlens_k", "total_length", "cos", "sin"];
    graph.nodeOf("GroupQueryAttention", inputs, outputs, { ...sizes, do_rotary: 1 }, MICROSOFT);
  } else {
    const inputs = [...addRotated(graph, source, layer, projected), ...past, "seqlens_k", "total_length", "", "", "", "bias"];
    graph.nodeOf("GroupQueryAttention", inputs, outputs, { ...sizes, causal: 0 }, MICROSOFT);
  }
  const module = `model.layers.${layer}.self_attn.o_proj`;
  const output = await graph.linear(`attention_${layer}`, `attended_${layer}`, [tensor(`${module}.weight`, hiddenSize, heads * headDim)]);
  if (!network.outputBias) return output;
  return addBias(graph, output, [tensor(`${module}.bias`, 1, hiddenSize)], hiddenSize);
}

async function addBias(graph: GraphBuilder, input: string, parts: readonly StoredTensor[], size: number): Promise<string> {
  const bias = await graph.store.floats(`${input}.bias`, parts, [size]);
  return graph.node("Add", [input, bias], `${input}_biased`);
}

/** One product for queries, keys and values where their weights are stored alike and no norm stands between. */
async function addProjections(graph: GraphBuilder, { network, tensor }: GraphSource, layer: number, input: string): Promise<Projected> {
  const { heads, kvHeads, headDim, hiddenSize } = network;
  const module = `model.layers.${layer}.self_attn`;
  const parts = (["q", "k", "v"] as const).map((part) => {
    const rows = (part === "q" ? heads : kvHeads) * headDim;
    const weight = tensor(`${module}.${part}_proj.weight`, rows, hiddenSize);
    return { part, rows, weight, bias: network.projectionBias ? [tensor(`${module}.${part}_proj.bias`, 1, rows)] : [] };
  });
  const add = async (name: string, of: typeof parts): Promise<string> => {
    const product = await graph.linear(
      `${name}_${layer}`,
      input,
      of.map(({ weight }) => weight),
    );
    const rows = of.reduce((sum, part) => sum + part.rows, 0);
    return network.projectionBias
      ? addBias(
          graph,
          product,
          of.flatMap(({ bias }) => bias),
          rows,
        )
      : product;
  };
  if (
    !network.headNorms &&
    graph.store.canJoin(
      parts.map(({ weight }) => weight),
      graph.plan,
    )
  )
    return { all: await add("qkv", parts) };
  const [q, k, v] = parts;
  return {
    q: await addHeadNorm(graph, network, tensor, layer, "q", heads, await add("q", [q])),
    k: await addHeadNorm(graph, network, tensor, layer, "k", kvHeads, await add("k", [k])),
    v: await add("v", [v]),
  };
}

async function addHeadNorm(
  graph: GraphBuilder,
  { headDim, normEpsilon, headNorms }: GraphSource["network"],
  tensor: GraphSource["tensor"],
  layer: number,
  part: "q" | "k",
  heads: number,
  input: string,
): Promise<string> {
  if (!headNorms) return input;
  const name = `model.layers.${layer}.self_attn.${part}_norm.weight`;
  const weight = await graph.store.floats(name, [tensor(name, 1, headDim)], [headDim]);
  const split = graph.node("Reshape", [input, graph.int64(`${input}_heads`, [1, -1, heads, headDim])], `${input}_split`);
  const normed = graph.node("SimplifiedLayerNormalization", [split, weight], `${input}_normed`, { axis: -1, epsilon: { float: normEpsilon } });
  return graph.node("Reshape", [normed, graph.int64(`${input}_whole`, [1, -1, heads * headDim])], `${input}_joined`);
}

/**
 * Adds the rotation of queries and keys by `positions`; returns the names of queries, keys and values, in this order.
 *
 * The attention operator can do it too, but takes positions as consecutive in any pass that starts with an empty cache.
 */
function addRotated(graph: GraphBuilder, { network }: GraphSource, layer: number, projected: Projected): readonly string[] {
  const { heads, kvHeads, headDim } = network;
  const rotate = (input: string): string => graph.node("RotaryEmbedding", [input, "positions", "cos", "sin"], `${input}_rotated`, {}, MICROSOFT);
  if ("q" in projected) return [rotate(projected.q), rotate(projected.k), projected.v];
  const split = (input: string, outputs: readonly [string, string], sizes: readonly [number, number]): void => {
    const lengths = graph.int64(
      `${input}_sizes`,
      sizes.map((count) => count * headDim),
    );
    graph.nodeOf("Split", [input, lengths], outputs, { axis: -1 }, "");
  };
  const [q, k, v] = [`q_${layer}`, `k_${layer}`, `v_${layer}`];
  split(projected.all, [`qk_${layer}`, v], [heads + kvHeads, kvHeads]);
  split(rotate(`qk_${layer}`), [q, k], [heads, kvHeads]);
  return [q, k, v];
}
