/** A value of a header, with the number of its kind. */
export type GgufValue =
  | { readonly kind: 4; readonly value: number }
  | { readonly kind: 6; readonly value: number }
  | { readonly kind: 8; readonly value: string }
  | { readonly kind: 9; readonly of: 8; readonly value: readonly string[] }
  | { readonly kind: 9; readonly of: 4; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
}

export const u32 = (value: number): GgufValue => ({ kind: 4, value });
export const f32 = (value: number): GgufValue => ({ kind: 6, value });
export const text = (value: string): GgufValue => ({ kind: 8, value });
export const texts = (...value: string[]): GgufValue => ({ kind: 9, of: 8, value });

export const QWEN_FIM = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];

/** The entries of a small model that nothing speaks against. */
export const QWEN: Readonly<Record<string, GgufValue>> = {
  "general.architecture": text("qwen2"),
  "general.name": text("Small Coder"),
  "general.file_type": u32(15),
  "qwen2.context_length": u32(4096),
  "tokenizer.ggml.model": text("gpt2"),
  "tokenizer.ggml.tokens": texts("a", "b", ...QWEN_FIM, "<"),
  "tokenizer.ggml.token_type": { kind: 9, of: 4, value: [1, 1, 3, 3, 3, 1] },
};

const TENSORS: readonly GgufTensor[] = [
  { name: "token_embd.weight", dims: [256, 6], type: 12 },
  { name: "output_norm.weight", dims: [256], type: 0 },
];

const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
export const number64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const string = (value: string): Buffer => Buffer.concat([number64(Buffer.byteLength(value)), Buffer.from(value)]);
const float32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};

function valueBytes(value: GgufValue): Buffer {
  if (value.kind === 4) return number32(value.value);
  if (value.kind === 6) return float32(value.value);
  if (value.kind === 8) return string(value.value);
  const elements = value.of === 8 ? value.value.map(string) : value.value.map(number32);
  return Buffer.concat([number32(value.of), number64(value.value.length), ...elements]);
}

/** A GGUF file of version 3 whose weights are all zero. */
export function ggufBytes(values: Readonly<Record<string, GgufValue>> = QWEN, tensors = TENSORS, version = 3): Buffer {
  const entries = Object.entries(values).map(([key, value]) => Buffer.concat([string(key), number32(value.kind), valueBytes(value)]));
  const infos: Buffer[] = [];
  let offset = 0;
  for (const { name, dims, type } of tensors) {
    infos.push(string(name), number32(dims.length), ...dims.map(number64), number32(type), number64(offset));
    const size = dims.reduce((product, dim) => product * dim, 1);
    offset += Math.ceil((type === 12 ? (size / 256) * 144 : size * 4) / 32) * 32;
  }
  const header = Buffer.concat([
    Buffer.from("GGUF"), number32(version), number64(tensors.length), number64(entries.length), ...entries, ...infos,
  ]); // prettier-ignore
  return Buffer.concat([header, Buffer.alloc(-header.length & 31), Buffer.alloc(offset)]);
}

/** Changes eight bytes of a copy: where the first `marker` stands, and `after` bytes further on. */
export function patched(bytes: Buffer, marker: string, after: number, value: number | bigint): Buffer {
  const copy = Buffer.from(bytes);
  number64(value).copy(copy, copy.indexOf(marker) + after);
  return copy;
}
