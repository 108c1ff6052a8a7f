import type { ManifestModel } from "../protocol/manifest.js";
import type { WeightFormat } from "../protocol/messages.js";
import { SPARE_POSITIONS } from "../protocol/sparePositions.js";
import type { Qwen2Config } from "./checkpoint.js";
import { GraphBuilder } from "./graphBuilder.js";
import type { OnnxGraph, OnnxValue } from "./onnxModel.js";
import { quantize } from "./quantize.js";
import type { Safetensors } from "./safetensors.js";
import type { WeightFile } from "./weightFile.js";

const MICROSOFT = "com.microsoft";

/** What is converted into what. */
export interface GraphSource {
  readonly config: Qwen2Config;
  readonly tensors: Safetensors;
  readonly role: ManifestModel["role"];
  readonly format: WeightFormat;
}

/**
 * The graph of one forward pass behind a static key-value cache that is updated in place.
 *
 * inputs   tokens [1, m] · rows [n], the positions whose logits are wanted · seqlens_k [1] = past + m - 1 ·
 *          total_length = past + m · past_key_i, past_value_i [1, kvHeads, S, headDim];
 *          diffuser also: positions [1, m] · bias [1, 1, m, past + m], added to the attention scores
 * outputs  no_copy, a sequence, first: see `OnnxSession` · logits [n, vocabSize] · present_key_i, present_value_i
 *
 * The verifier's attention is causal; the diffuser's is whatever `bias` says.
 */
export function buildQwen2Graph(source: GraphSource, weights: WeightFile): OnnxGraph {
  const { config, role } = source;
  const graph = new GraphBuilder(weights);
  graph.nodeOf("SequenceConstruct", ["total_length"], ["no_copy"], {}, "");
  addRotaryTables(graph, config);
  const head = addEmbedding(graph, source);

  let residual = "embedded";
  let normed = graph.node("SimplifiedLayerNormalization", [residual, normWeight(graph, source, "layers.0.input_layernorm")], "normed_0", {
    axis: -1,
    epsilon: { float: config.normEpsilon },
  });
  for (let layer = 0; layer < config.layers; layer += 1) {
    const attended = addAttention(graph, source, layer, normed);
    const afterAttention = addNorm(graph, source, `layers.${layer}.post_attention_layernorm`, attended, residual, `middle_${layer}`);
    const transformed = addMlp(graph, source, layer, afterAttention.normed);
    const isLast = layer === config.layers - 1;
    if (isLast) {
      // Only the wanted rows go through the final norm and the head.
      const wantedHidden = graph.node("Gather", [transformed, "rows"], "wanted_hidden", { axis: 1 });
      const wantedResidual = graph.node("Gather", [afterAttention.sum, "rows"], "wanted_residual", { axis: 1 });
      normed = addNorm(graph, source, "norm", wantedHidden, wantedResidual, "final").normed;
    } else {
      const next = layer + 1;
      ({ normed, sum: residual } = addNorm(graph, source, `layers.${next}.input_layernorm`, transformed, afterAttention.sum, `normed_${next}`));
    }
  }
  const scores = head(normed);
  graph.node("Reshape", [scores, graph.int64("logits_shape", [-1, config.vocabSize])], "logits");
  return { name: `qwen2_${role}`, nodes: graph.nodes, initializers: [...weights.initializers, ...graph.constants], ...valuesOf(config, role) };
}

function valuesOf({ layers, kvHeads, headDim, vocabSize }: Qwen2Config, role: ManifestModel["role"]): Pick<OnnxGraph, "inputs" | "outputs"> {
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

function addRotaryTables(graph: GraphBuilder, { contextTokens, headDim, ropeTheta }: Qwen2Config): void {
  const half = headDim / 2;
  const rows = contextTokens + SPARE_POSITIONS;
  const cos = new Float32Array(rows * half);
  const sin = new Float32Array(rows * half);
  for (let index = 0; index < cos.length; index += 1) {
    const angle = Math.floor(index / half) * Math.fround(ropeTheta ** (-(index % half) / half));
    cos[index] = Math.cos(angle);
    sin[index] = Math.sin(angle);
  }
  graph.float32("cos", [rows, half], cos);
  graph.float32("sin", [rows, half], sin);
}

/** Adds `embedded` [1, m, hidden]; returns what adds the head. A tied matrix is stored once, in 8 bits unless fp32. */
function addEmbedding(graph: GraphBuilder, { config, tensors, format }: GraphSource): (hidden: string) => string {
  const { vocabSize, hiddenSize, tiedEmbedding } = config;
  const shape = [vocabSize, hiddenSize];
  const embedding = tensors.read("model.embed_tokens.weight", shape);
  if (format === "fp32") {
    graph.node("Gather", [graph.float32("embedding", shape, embedding), "tokens"], "embedded", { axis: 0 });
    const headWeights = tiedEmbedding ? embedding : tensors.read("lm_head.weight", shape);
    return (hidden) => graph.linear("scores", hidden, headWeights, vocabSize, hiddenSize, "fp32");
  }
  const matrix = quantize(embedding, vocabSize, hiddenSize, 8);
  const stored = graph.quantized("embedding", matrix, vocabSize, hiddenSize);
  const [codes, scales] = stored;
  graph.node("Gather", [codes, "tokens"], "embedding_codes", { axis: 0 });
  graph.node("Cast", ["embedding_codes"], "embedding_values", { to: 1 });
  graph.node("Sub", ["embedding_values", graph.float32("embedding_zero", [1], Float32Array.of(128))], "embedding_centred");
  graph.node("Gather", [scales, "tokens"], "embedding_row_scales", { axis: 0 });
  graph.node("Unsqueeze", ["embedding_row_scales", graph.int64("last_axis", [-1])], "embedding_block_scales");
  graph.node("Mul", ["embedding_centred", "embedding_block_scales"], "embedding_blocks");
  graph.node("Reshape", ["embedding_blocks", graph.int64("embedded_shape", [1, -1, hiddenSize])], "embedded");
  if (tiedEmbedding) return (hidden) => graph.quantizedLinear("scores", hidden, stored, matrix, vocabSize, hiddenSize);
  const headWeights = tensors.read("lm_head.weight", shape);
  return (hidden) => graph.linear("scores", hidden, headWeights, vocabSize, hiddenSize, "int8");
}

function normWeight(graph: GraphBuilder, { config, tensors }: GraphSource, module: string): string {
  return graph.float32(`${module}.weight`, [config.hiddenSize], tensors.read(`model.${module}.weight`, [config.hiddenSize]));
}

/** Adds `hidden` to `residual`; returns the sum and its norm. */
function addNorm(
  graph: GraphBuilder,
  source: GraphSource,
  module: string,
  hidden: string,
  residual: string,
  name: string,
): { readonly normed: string; readonly sum: string } {
  const sum = `${name}_sum`;
  const inputs = [hidden, residual, normWeight(graph, source, module)];
  graph.nodeOf("SkipSimplifiedLayerNormalization", inputs, [name, "", "", sum], { epsilon: { float: source.config.normEpsilon } }, MICROSOFT);
  return { normed: name, sum };
}

function addAttention(graph: GraphBuilder, source: GraphSource, layer: number, input: string): string {
  const { config, tensors, role, format } = source;
  const { heads, kvHeads, headDim, hiddenSize } = config;
  const module = `model.layers.${layer}.self_attn`;
  const parts = [
    { name: "q_proj", rows: heads * headDim },
    { name: "k_proj", rows: kvHeads * headDim },
    { name: "v_proj", rows: kvHeads * headDim },
  ];
  const rows = (heads + 2 * kvHeads) * headDim;
  const weight = joined(parts.map((part) => tensors.read(`${module}.${part.name}.weight`, [part.rows, hiddenSize])));
  const bias = joined(parts.map((part) => tensors.read(`${module}.${part.name}.bias`, [part.rows])));
  const projected = graph.linear(`qkv_${layer}`, input, weight, rows, hiddenSize, format);
  const qkv = graph.node("Add", [projected, graph.float32(`qkv_${layer}.bias`, [rows], bias)], `qkv_biased_${layer}`);
  const past = [`past_key_${layer}`, `past_value_${layer}`];
  const outputs = [`attended_${layer}`, `present_key_${layer}`, `present_value_${layer}`];
  const sizes = { num_heads: heads, kv_num_heads: kvHeads };
  if (role === "verifier") {
    const inputs = [qkv, "", "", ...past, "seqlens_k", "total_length", "cos", "sin"];
    graph.nodeOf("GroupQueryAttention", inputs, outputs, { ...sizes, do_rotary: 1 }, MICROSOFT);
  } else {
    const inputs = [...addRotated(graph, config, layer, qkv), ...past, "seqlens_k", "total_length", "", "", "", "bias"];
    graph.nodeOf("GroupQueryAttention", inputs, outputs, { ...sizes, causal: 0 }, MICROSOFT);
  }
  const output = tensors.read(`${module}.o_proj.weight`, [hiddenSize, heads * headDim]);
  return graph.linear(`attention_${layer}`, `attended_${layer}`, output, hiddenSize, heads * headDim, format);
}

/**
 * Adds the rotation of queries and keys by `positions`; returns the names of queries, keys and values, in this order.
 *
 * The attention operator can do it too, but takes positions as consecutive in any pass that starts with an empty cache.
 */
function addRotated(graph: GraphBuilder, { heads, kvHeads, headDim }: Qwen2Config, layer: number, qkv: string): readonly string[] {
  const split = (input: string, outputs: readonly [string, string], sizes: readonly [number, number]): void => {
    const lengths = graph.int64(
      `${input}_sizes`,
      sizes.map((count) => count * headDim),
    );
    graph.nodeOf("Split", [input, lengths], outputs, { axis: -1 }, "");
  };
  const [q, k, v] = [`q_${layer}`, `k_${layer}`, `v_${layer}`];
  split(qkv, [`qk_${layer}`, v], [heads + kvHeads, kvHeads]);
  const rotated = graph.node("RotaryEmbedding", [`qk_${layer}`, "positions", "cos", "sin"], `qk_rotated_${layer}`, {}, MICROSOFT);
  split(rotated, [q, k], [heads, kvHeads]);
  return [q, k, v];
}

function addMlp(graph: GraphBuilder, { config, tensors, format }: GraphSource, layer: number, input: string): string {
  const { hiddenSize, intermediateSize } = config;
  const module = `model.layers.${layer}.mlp`;
  const read = (name: string): Float32Array => tensors.read(`${module}.${name}.weight`, [intermediateSize, hiddenSize]);
  const gate = graph.linear(`gate_${layer}`, input, read("gate_proj"), intermediateSize, hiddenSize, format);
  const up = graph.linear(`up_${layer}`, input, read("up_proj"), intermediateSize, hiddenSize, format);
  const active = graph.node("QuickGelu", [gate], `active_${layer}`, { alpha: { float: 1 } }, MICROSOFT);
  const gated = graph.node("Mul", [active, up], `gated_${layer}`);
  const down = tensors.read(`${module}.down_proj.weight`, [hiddenSize, intermediateSize]);
  return graph.linear(`transformed_${layer}`, gated, down, hiddenSize, intermediateSize, format);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
