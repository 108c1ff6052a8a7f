import { decodeBfloat16, decodeFloat16, decodeFloat32 } from "./floats.js";
import { decodeQ4_0, decodeQ4_1, decodeQ5_0, decodeQ5_1, decodeQ8_0 } from "./decodeBlocks32.js";
import { decodeQ4_K, decodeQ5_K, decodeQ6_K } from "./decodeBlocks256.js";

/** How a tensor's values lie in a file: in blocks of `values` values and `bytes` bytes. */
interface Layout {
  readonly values: number;
  readonly bytes: number;
  /** Decodes `count` whole blocks from `bytes` on into `out`, which has room for `count * values` floats. */
  readonly decode: (bytes: Uint8Array, count: number, out: Float32Array) => void;
}

/**
 * The types that are read, little-endian.
 *
 * Source: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h, the structs block_q4_0 to block_q6_K.
 */
export const TENSOR_TYPES = {
  F32: { values: 1, bytes: 4, decode: decodeFloat32 },
  F16: { values: 1, bytes: 2, decode: decodeFloat16 },
  BF16: { values: 1, bytes: 2, decode: decodeBfloat16 },
  Q4_0: { values: 32, bytes: 18, decode: decodeQ4_0 },
  Q4_1: { values: 32, bytes: 20, decode: decodeQ4_1 },
  Q5_0: { values: 32, bytes: 22, decode: decodeQ5_0 },
  Q5_1: { values: 32, bytes: 24, decode: decodeQ5_1 },
  Q8_0: { values: 32, bytes: 34, decode: decodeQ8_0 },
  Q4_K: { values: 256, bytes: 144, decode: decodeQ4_K },
  Q5_K: { values: 256, bytes: 176, decode: decodeQ5_K },
  Q6_K: { values: 256, bytes: 210, decode: decodeQ6_K },
} as const satisfies Record<string, Layout>;

export type TensorType = keyof typeof TENSOR_TYPES;

/** Whether it is the name of a type that is read. */
export function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(TENSOR_TYPES, name);
}

/** Bytes of `values` values, which are a whole number of blocks. */
export function bytesOf(type: TensorType, values: number): number {
  const layout = TENSOR_TYPES[type];
  return (values / layout.values) * layout.bytes;
}

/** The values of whole blocks as 32-bit floats, as many as `bytes` holds. */
export function decodeTensor(type: TensorType, bytes: Uint8Array): Float32Array {
  const layout: Layout = TENSOR_TYPES[type];
  const count = bytes.length / layout.bytes;
  const out = new Float32Array(count * layout.values);
  layout.decode(bytes, count, out);
  return out;
}
