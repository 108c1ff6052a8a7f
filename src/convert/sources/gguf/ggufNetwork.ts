import type { HeaderValue } from "../../../gguf/ggufHeader.js";
import { GgufList } from "../../../gguf/ggufList.js";
import { unusable } from "../../unusable.js";
import { checkedNetwork, FAMILIES, type Family, type Network } from "../network.js";
import type { GgufFiles } from "./ggufFiles.js";

/** No list of one number for each layer is longer. */
const MOST_LAYERS = 10_000;

/** Metadata that, where it is not what is said here, makes another network of the same tensors; keys after `ARCH.`. */
const PLAIN: Readonly<Record<string, (value: HeaderValue) => boolean>> = {
  "rope.scaling.type": (value) => value === "none",
  "rope.scaling.factor": (value) => value === 1 || value === 0,
  "rope.scale_linear": (value) => value === 1,
  "rope.scaling.attn_factor": (value) => value === 1,
  "attention.sliding_window": (value) => value === 0,
  "attention.causal": (value) => value === true,
  "attention.scale": (value) => value === 0,
  "attention.clamp_kqv": (value) => value === 0,
  "attention.max_alibi_bias": (value) => value === 0,
  attn_logit_softcapping: (value) => value === 0,
  final_logit_softcapping: (value) => value === 0,
  logit_scale: (value) => value === 1,
  residual_scale: (value) => value === 1,
  embedding_scale: (value) => value === 1,
  expert_count: (value) => value === 0,
  use_parallel_residual: (value) => value === false,
  pooling_type: (value) => value === 0,
};

/**
 * The network of a GGUF file, from its metadata and its tensors.
 *
 * @throws LacunaError `checkpointUnusable`, naming what is missing or would be converted wrongly
 */
export function readGgufNetwork({ metadata, tensors }: GgufFiles): Network {
  const architecture = metadata.get("general.architecture");
  const family = FAMILIES.find((name) => name === architecture);
  if (family === undefined) throw unusable(`is of the architecture ${JSON.stringify(architecture)}, not one of ${FAMILIES.join(", ")}`);
  for (const [key, isPlain] of Object.entries(PLAIN)) {
    const value = metadata.get(`${family}.${key}`);
    if (value !== undefined && !isPlain(value)) throw unusable(`has ${family}.${key} = ${JSON.stringify(value)}, which is not supported`);
  }
  if (tensors.has("rope_freqs.weight")) throw unusable("scales its rotary positions (rope_freqs.weight)");
  if (family === "llama" && tensors.has("blk.0.attn_q.bias")) throw unusable("has biases of its queries (attn_q.bias), which a Llama model has not");
  const number = numberReader(metadata, family);
  const hiddenSize = number("embedding_length");
  const heads = number("attention.head_count");
  const headDim = number("attention.key_length", hiddenSize / heads);
  if (number("attention.value_length", headDim) !== headDim) throw unusable("has values of another size than keys");
  if (number("rope.dimension_count", headDim) !== headDim) throw unusable("turns only a part of each head (rope.dimension_count)");
  const tokens = metadata.get("tokenizer.ggml.tokens");
  if (!(tokens instanceof GgufList)) throw unusable("has no tokenizer.ggml.tokens");
  return checkedNetwork({
    family,
    hiddenSize,
    layers: number("block_count"),
    heads,
    kvHeads: number("attention.head_count_kv", heads),
    headDim,
    intermediateSize: number("feed_forward_length"),
    vocabSize: tensors.get("token_embd.weight")?.dims[1] ?? tokens.length,
    contextTokens: number("context_length"),
    ropeTheta: number("rope.freq_base", 10_000),
    normEpsilon: number("attention.layer_norm_rms_epsilon"),
    tiedEmbedding: !tensors.has("output.weight"),
    projectionBias: tensors.has("blk.0.attn_q.bias"),
    outputBias: tensors.has("blk.0.attn_output.bias"),
    headNorms: family === "qwen3",
  });
}

/** Reads a number of the family; a list of one number for each layer is one number where all are the same. */
function numberReader(metadata: GgufFiles["metadata"], family: Family): (key: string, absent?: number) => number {
  return (key, absent) => {
    const value = metadata.get(`${family}.${key}`) ?? absent;
    const list = value instanceof GgufList && value.length <= MOST_LAYERS ? value.decoded() : undefined;
    const single = ArrayBuffer.isView(list) && list.every((item) => item === list[0]) ? list[0] : value;
    if (typeof single !== "number" || !Number.isFinite(single)) throw unusable(`has no single number ${family}.${key}`);
    return single;
  };
}
