import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { openFolderCheckpoint } from "../../../src/convert/sources/huggingFace/folderCheckpoint.js";
import { tensorShapes } from "../../../src/convert/sources/network.js";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";

/** A value of metadata with its type: whole numbers of 32 bits, floats, truth values, texts, and lists of them. */
export type Value =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly i32s: readonly number[] };

export const GGUF_TYPES = { F32: 0, F16: 1, Q4_0: 2, Q4_1: 3, Q5_0: 6, Q5_1: 7, Q8_0: 8, Q2_K: 10, Q4_K: 12, Q5_K: 13, Q6_K: 14, BF16: 30 } as const;

export interface WrittenTensor {
  readonly name: string;
  readonly type: keyof typeof GGUF_TYPES;
  /** The first dimension runs fastest. */
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

export interface Gguf {
  readonly metadata: Readonly<Record<string, Value>>;
  readonly tensors: readonly WrittenTensor[];
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const f32 = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer);

function valueBytes(value: Value): Buffer {
  if ("u32" in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ("f32" in value) return Buffer.concat([u32(6), f32(value.f32)]);
  if ("bool" in value) return Buffer.concat([u32(7), Buffer.of(value.bool ? 1 : 0)]);
  if ("text" in value) return Buffer.concat([u32(8), text(value.text)]);
  if ("texts" in value) return Buffer.concat([u32(9), u32(8), u64(value.texts.length), ...value.texts.map(text)]);
  return Buffer.concat([u32(9), u32(5), u64(value.i32s.length), Buffer.from(Int32Array.from(value.i32s).buffer)]);
}

/** The bytes of a GGUF file. */
export function ggufBytes({ metadata, tensors }: Gguf, version = 3, alignment = 32): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from("GGUF"), u32(version), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), valueBytes(value));
  let offset = 0;
  for (const { name, type, dims, bytes } of tensors) {
    parts.push(text(name), u32(dims.length), ...dims.map(u64), u32(GGUF_TYPES[type]), u64(offset));
    offset = Math.ceil((offset + bytes.length) / alignment) * alignment;
  }
  const pad = (length: number): Buffer => Buffer.alloc(-length & (alignment - 1));
  const header = Buffer.concat(parts);
  const data = tensors.flatMap(({ bytes }, index) => (index < tensors.length - 1 ? [bytes, pad(bytes.length)] : [bytes]));
  return Buffer.concat([header, pad(header.length), ...data]);
}

export function writeGguf(file: string, gguf: Gguf): void {
  writeFileSync(file, ggufBytes(gguf));
}

const NAMES: Readonly<Record<string, string>> = {
  "model.embed_tokens": "token_embd",
  "model.norm": "output_norm",
  lm_head: "output",
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** As llama.cpp writes a checkpoint of a folder: its names, its order of queries and keys, the tokenizer's parts; in F32. */
export function ggufOf(folder: string): Gguf {
  const { checkpoint, close } = openFolderCheckpoint(folder);
  const { network } = checkpoint;
  const { family } = network;
  const tensors = [...tensorShapes(network)].map(([name, [rows, columns]]): WrittenTensor => {
    const tensor = checkpoint.tensor(name, rows, columns);
    const values = decodeTensor(tensor.type, tensor.read(0, rows));
    const isTurned = family === "llama" && /[qk]_proj\.weight$/.test(name);
    const data = isTurned ? interleaved(values, rows, columns, network.headDim) : values;
    const [, layer, module, kind] = /^(?:model\.layers\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(name) ?? [];
    const written = `${layer === undefined ? "" : `blk.${layer}.`}${NAMES[module]}.${kind}`;
    return { name: written, type: "F32", dims: rows === 1 ? [columns] : [columns, rows], bytes: new Uint8Array(data.buffer) };
  });
  close();
  const sizes = {
    block_count: network.layers,
    context_length: network.contextTokens,
    embedding_length: network.hiddenSize,
    feed_forward_length: network.intermediateSize,
    "attention.head_count": network.heads,
    "attention.head_count_kv": network.kvHeads,
    "attention.key_length": network.headDim,
    "attention.value_length": network.headDim,
  };
  const metadata: Record<string, Value> = {
    "general.architecture": { text: family },
    "general.name": { text: "Tiny" },
    ...Object.fromEntries(Object.entries(sizes).map(([key, value]) => [`${family}.${key}`, { u32: value }])),
    [`${family}.rope.freq_base`]: { f32: network.ropeTheta },
    [`${family}.attention.layer_norm_rms_epsilon`]: { f32: network.normEpsilon },
    ...tokenizerMetadata(readFileSync(path.join(folder, "tokenizer.json"), "utf8")),
  };
  return { metadata, tensors };
}

/** Source: https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py, `LlamaModel.permute`. */
function interleaved(values: Float32Array, rows: number, columns: number, headDim: number): Float32Array {
  const result = new Float32Array(values.length);
  const half = headDim / 2;
  for (let row = 0; row < rows; row += 1) {
    const [head, at] = [Math.floor(row / headDim), row % headDim];
    const to = head * headDim + 2 * (at % half) + Math.floor(at / half);
    result.set(values.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return result;
}

interface TokenizerJson {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly (string | readonly string[])[] };
}

function tokenizerMetadata(json: string): Record<string, Value> {
  const { added_tokens: added, model } = JSON.parse(json) as TokenizerJson;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { id, content } of added) tokens[id] = content;
  const special = new Set(added.map(({ id }) => id));
  return {
    "tokenizer.ggml.model": { text: "gpt2" },
    "tokenizer.ggml.pre": { text: "qwen2" },
    "tokenizer.ggml.tokens": { texts: tokens },
    "tokenizer.ggml.token_type": { i32s: tokens.map((_, id) => (special.has(id) ? 3 : 1)) },
    "tokenizer.ggml.merges": { texts: model.merges.map((merge) => (typeof merge === "string" ? merge : merge.join(" "))) },
    "tokenizer.ggml.eos_token_id": { u32: 0 },
  };
}
