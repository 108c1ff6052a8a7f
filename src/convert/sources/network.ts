import { unusable } from "../unusable.js";

export type Family = "qwen2" | "qwen3" | "llama";

/** Sizes of a decoder network, and in what it differs from the others of its kind. */
export interface Network {
  readonly family: Family;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Divides `heads`. */
  readonly kvHeads: number;
  /** A multiple of 16, which the attention operator wants for rotary positions. */
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly contextTokens: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  /** The head is the embedding. */
  readonly tiedEmbedding: boolean;
  /** Queries, keys and values have a bias. */
  readonly projectionBias: boolean;
  /** The output of attention has one. */
  readonly outputBias: boolean;
  /** Queries and keys are normed head by head before they are turned. */
  readonly headNorms: boolean;
}

export const FAMILIES: readonly Family[] = ["qwen2", "qwen3", "llama"];

/** Quantized blocks run along the input of a matrix; this is the smallest. */
const SMALLEST_BLOCK = 16;
/** Positions that the rotary tables are written for: what is behind them no prompt of an editor reaches. */
const MOST_CONTEXT_TOKENS = 32_768;
const MOST_LAYERS = 1000;
/** Far above every model that fits into a computer; below it no product of two sizes loses a digit. */
const LARGEST_SIZE = 1 << 24;

/**
 * Checks what no format promises.
 *
 * @returns the network, its context window cut to what is supported
 * @throws LacunaError `checkpointUnusable`
 */
export function checkedNetwork(network: Network): Network {
  const { heads, kvHeads, headDim, hiddenSize, intermediateSize, vocabSize, layers, contextTokens } = network;
  for (const [what, value] of Object.entries({ heads, kvHeads, headDim, hiddenSize, intermediateSize, vocabSize, layers, contextTokens })) {
    if (!Number.isInteger(value) || value < 1 || value > LARGEST_SIZE) throw unusable(`has a size that cannot be: ${what} is ${value}`);
  }
  if (layers > MOST_LAYERS) throw unusable(`has a size that cannot be: layers is ${layers}`);
  if (heads % kvHeads !== 0) throw unusable(`has ${kvHeads} key-value heads, which do not divide its ${heads} heads`);
  if (headDim % 16 !== 0) throw unusable(`has attention heads of ${headDim} dimensions, not a multiple of 16`);
  for (const [what, size] of [["hidden_size", hiddenSize], ["intermediate_size", intermediateSize]] as const) {
    if (size % SMALLEST_BLOCK !== 0) throw unusable(`has ${what} ${size}, not a multiple of ${SMALLEST_BLOCK}`);
  }
  for (const what of ["ropeTheta", "normEpsilon"] as const) {
    if (!(network[what] > 0 && network[what] < 1e12)) throw unusable(`has a ${what} of ${network[what]}`);
  }
  return { ...network, contextTokens: Math.min(contextTokens, MOST_CONTEXT_TOKENS) };
}

/** Names and shapes [rows, columns] of all tensors of a network. */
export function tensorShapes(network: Network): Map<string, readonly [rows: number, columns: number]> {
  const { hiddenSize, layers, heads, kvHeads, headDim, intermediateSize, vocabSize } = network;
  const shapes = new Map<string, readonly [number, number]>();
  shapes.set("model.embed_tokens.weight", [vocabSize, hiddenSize]);
  for (let layer = 0; layer < layers; layer += 1) {
    const module = `model.layers.${layer}`;
    const projections = { q_proj: heads * headDim, k_proj: kvHeads * headDim, v_proj: kvHeads * headDim };
    for (const [name, rows] of Object.entries(projections)) {
      shapes.set(`${module}.self_attn.${name}.weight`, [rows, hiddenSize]);
      if (network.projectionBias) shapes.set(`${module}.self_attn.${name}.bias`, [1, rows]);
    }
    shapes.set(`${module}.self_attn.o_proj.weight`, [hiddenSize, heads * headDim]);
    if (network.outputBias) shapes.set(`${module}.self_attn.o_proj.bias`, [1, hiddenSize]);
    if (network.headNorms) for (const part of ["q", "k"]) shapes.set(`${module}.self_attn.${part}_norm.weight`, [1, headDim]);
    for (const name of ["gate_proj", "up_proj"]) shapes.set(`${module}.mlp.${name}.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${module}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]);
    for (const name of ["input_layernorm", "post_attention_layernorm"]) shapes.set(`${module}.${name}.weight`, [1, hiddenSize]);
  }
  shapes.set("model.norm.weight", [1, hiddenSize]);
  if (!network.tiedEmbedding) shapes.set("lm_head.weight", [vocabSize, hiddenSize]);
  return shapes;
}

/** Weights that the network has, each counted once. */
export function parameterCount(network: Network): number {
  let sum = 0;
  for (const [rows, columns] of tensorShapes(network).values()) sum += rows * columns;
  return sum;
}
