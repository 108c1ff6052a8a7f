import { unusable } from "../../unusable.js";
import { checkedNetwork, FAMILIES, type Network } from "../network.js";
import { isAbsent, type Json } from "./json.js";
import { readRopeTheta } from "./rope.js";

/**
 * Reads config.json of a Hugging Face folder as the network that it describes.
 *
 * @throws LacunaError `checkpointUnusable`, naming what is missing or would be converted wrongly
 */
export function readNetwork(json: Json): Network {
  const family = FAMILIES.find((name) => name === json.model_type);
  if (family === undefined) throw unusable(`is of the type ${JSON.stringify(json.model_type)}, not one of ${FAMILIES.join(", ")}`);
  refuseVariants(json);
  const heads = size(json, "num_attention_heads");
  const hiddenSize = size(json, "hidden_size");
  // The type's own defaults: Qwen3 has heads of 128 dimensions whatever its hidden size.
  const headDim = isAbsent(json.head_dim) ? (family === "qwen3" ? 128 : hiddenSize / heads) : size(json, "head_dim");
  const hasBias = json.attention_bias === true;
  if (hasBias && family === "qwen3") throw unusable("has biases of its projections (attention_bias), which is not supported for Qwen3");
  return checkedNetwork({
    family,
    hiddenSize,
    layers: size(json, "num_hidden_layers"),
    heads,
    kvHeads: isAbsent(json.num_key_value_heads) && family === "llama" ? heads : size(json, "num_key_value_heads"),
    headDim,
    intermediateSize: size(json, "intermediate_size"),
    vocabSize: size(json, "vocab_size"),
    contextTokens: size(json, "max_position_embeddings"),
    ropeTheta: readRopeTheta(json),
    normEpsilon: positive(json, "rms_norm_eps"),
    tiedEmbedding: json.tie_word_embeddings === true,
    projectionBias: family === "qwen2" || hasBias,
    outputBias: hasBias && family === "llama",
    headNorms: family === "qwen3",
  });
}

/** Keys that change the network, with the values that leave it as it is; null and absence always do. */
const PLAIN: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: ["silu"],
  hidden_activation: ["silu"],
  activation_function: ["silu"],
  mlp_bias: [false],
  is_decoder: [true, false],
  add_cross_attention: [false],
  partial_rotary_factor: [1],
  no_rope_layers: [],
  no_rope_layer_interval: [],
  attention_multiplier: [],
  residual_multiplier: [1],
  embedding_multiplier: [1],
  logits_scaling: [1],
  logit_scale: [1],
  attn_logit_softcapping: [],
  final_logit_softcapping: [],
  clip_qkv: [],
  attention_chunk_size: [],
  attention_sinks: [],
  num_experts: [],
  num_local_experts: [],
  num_experts_per_tok: [],
  use_qk_norm: [],
  qk_norm: [],
  use_mrope: [false],
  use_dual_chunk_attention: [false],
  dual_chunk_attention_config: [],
  compression_config: [],
  quantization_config: [],
};

/** Refuses what changes the network but not the shapes of its tensors: it would convert without a complaint and be wrong. */
function refuseVariants(json: Json): void {
  for (const [key, values] of Object.entries(PLAIN)) {
    const value = json[key];
    if (!isAbsent(value) && !values.includes(value)) throw unusable(`has ${key} = ${JSON.stringify(value)}, which is not supported`);
  }
  refuseSlidingWindow(json);
}

/** A window is used where a layer says so, or by the layers from `max_window_layers` on where it is switched on. */
function refuseSlidingWindow(json: Json): void {
  const kinds = json.layer_types;
  if (Array.isArray(kinds)) {
    const other: unknown = kinds.find((kind) => kind !== "full_attention");
    if (other !== undefined) throw unusable(`has layers with ${JSON.stringify(other)} (layer_types), which is not supported`);
    return;
  }
  const isOn = json.use_sliding_window === true || (json.use_sliding_window === undefined && !isAbsent(json.sliding_window));
  const firstLayer = typeof json.max_window_layers === "number" ? json.max_window_layers : 0;
  if (isOn && firstLayer < Number(json.num_hidden_layers)) throw unusable("uses a sliding attention window (use_sliding_window)");
}

function positive(json: Json, key: string): number {
  const value = json[key];
  if (typeof value !== "number" || !(value > 0)) throw unusable(`has no positive number ${key} in its config.json`);
  return value;
}

function size(json: Json, key: string): number {
  const value = positive(json, key);
  if (!Number.isSafeInteger(value)) throw unusable(`has a ${key} of ${value}, which is no whole number`);
  return value;
}
