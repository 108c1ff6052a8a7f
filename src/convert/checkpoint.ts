import { readFileSync } from "node:fs";
import path from "node:path";
import { unusable } from "./safetensors.js";

/** What the graph needs to know of a Qwen2 checkpoint. */
export interface Qwen2Config {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly contextTokens: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly tiedEmbedding: boolean;
}

/**
 * Reads config.json of a Hugging Face folder.
 *
 * @throws LacunaError `checkpointUnusable`, naming what is missing or not of the Qwen2 family
 */
export function readQwen2Config(folder: string): Qwen2Config {
  const json = readConfig(folder);
  const number = (key: string): number => {
    const value = json[key];
    if (typeof value !== "number") throw unusable(`has no ${key} in its config.json`);
    return value;
  };
  if (json.model_type !== "qwen2") throw unusable(`is of the type ${JSON.stringify(json.model_type)}, not "qwen2"`);
  if (json.hidden_act !== undefined && json.hidden_act !== "silu") throw unusable(`uses the activation ${JSON.stringify(json.hidden_act)}`);
  if (json.rope_scaling !== undefined && json.rope_scaling !== null) throw unusable("scales its rotary positions");
  if (json.use_sliding_window === true) throw unusable("uses a sliding attention window");
  const config: Qwen2Config = {
    hiddenSize: number("hidden_size"),
    layers: number("num_hidden_layers"),
    heads: number("num_attention_heads"),
    kvHeads: number("num_key_value_heads"),
    headDim: number("hidden_size") / number("num_attention_heads"),
    intermediateSize: number("intermediate_size"),
    vocabSize: number("vocab_size"),
    contextTokens: number("max_position_embeddings"),
    ropeTheta: number("rope_theta"),
    normEpsilon: number("rms_norm_eps"),
    tiedEmbedding: json.tie_word_embeddings === true,
  };
  if (config.headDim % 16 !== 0) throw unusable(`has attention heads of ${config.headDim} dimensions, not a multiple of 16`);
  return config;
}

function readConfig(folder: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw unusable("has no readable config.json", cause);
  }
}
