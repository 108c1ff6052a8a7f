import { readFileSync } from "node:fs";
import path from "node:path";
import { unusable } from "./unusable.js";

/** What the graph needs to know of a Qwen2 checkpoint. */
export interface Qwen2Config {
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
  readonly tiedEmbedding: boolean;
}

/** Quantized blocks run along the input of a matrix; this is the smallest. */
const SMALLEST_BLOCK = 16;

/**
 * Reads config.json of a Hugging Face folder.
 *
 * @throws LacunaError `checkpointUnusable`, naming what is missing or not of the Qwen2 family
 */
export function readQwen2Config(folder: string): Qwen2Config {
  const json = readConfig(folder);
  refuseVariants(json);
  const positive = (key: string): number => {
    const value = json[key];
    if (typeof value !== "number" || !(value > 0)) throw unusable(`has no positive number ${key} in its config.json`);
    return value;
  };
  const size = (key: string): number => {
    const value = positive(key);
    if (!Number.isSafeInteger(value)) throw unusable(`has a ${key} of ${value}, which is no whole number`);
    return value;
  };
  const heads = size("num_attention_heads");
  const config: Qwen2Config = {
    hiddenSize: size("hidden_size"),
    layers: size("num_hidden_layers"),
    heads,
    kvHeads: size("num_key_value_heads"),
    headDim: json.head_dim === undefined || json.head_dim === null ? size("hidden_size") / heads : size("head_dim"),
    intermediateSize: size("intermediate_size"),
    vocabSize: size("vocab_size"),
    contextTokens: size("max_position_embeddings"),
    ropeTheta: positive("rope_theta"),
    normEpsilon: positive("rms_norm_eps"),
    tiedEmbedding: json.tie_word_embeddings === true,
  };
  if (heads % config.kvHeads !== 0) throw unusable(`has ${config.kvHeads} key-value heads, which do not divide its ${heads} heads`);
  if (config.headDim % 16 !== 0) throw unusable(`has attention heads of ${config.headDim} dimensions, not a multiple of 16`);
  for (const key of ["hidden_size", "intermediate_size"]) {
    if (size(key) % SMALLEST_BLOCK !== 0) throw unusable(`has a ${key} of ${size(key)}, not a multiple of ${SMALLEST_BLOCK}`);
  }
  return config;
}

/** Refuses what changes the network but not the shapes of its tensors: it would convert without a complaint and be wrong. */
function refuseVariants(json: Readonly<Record<string, unknown>>): void {
  if (json.model_type !== "qwen2") throw unusable(`is of the type ${JSON.stringify(json.model_type)}, not "qwen2"`);
  const activation = json.hidden_act ?? "silu";
  if (activation !== "silu") throw unusable(`uses the activation ${JSON.stringify(activation)}, not "silu"`);
  if (json.rope_scaling !== undefined && json.rope_scaling !== null) throw unusable("scales its rotary positions (rope_scaling)");
  if (json.use_sliding_window === true) throw unusable("uses a sliding attention window (use_sliding_window)");
  if (json.quantization_config !== undefined) throw unusable("is quantized already (quantization_config)");
}

function readConfig(folder: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8"));
  } catch (cause) {
    throw unusable("has no readable config.json", cause);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw unusable("has a config.json that is no JSON object");
  return json as Record<string, unknown>;
}
