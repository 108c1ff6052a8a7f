import { TENSOR_TYPES, type TensorType } from "../../gguf/tensorKind.js";
import { decodeBfloat16, decodeFloat16, decodeFloat32 } from "./floats.js";
import { decodeQ4_0, decodeQ4_1, decodeQ5_0, decodeQ5_1, decodeQ8_0 } from "./decodeBlocks32.js";
import { decodeQ4_K, decodeQ5_K, decodeQ6_K } from "./decodeBlocks256.js";

/** Decodes `count` whole blocks from the beginning of `bytes` into `out`, which has room for all of their values. */
type Decoder = (bytes: Uint8Array, count: number, out: Float32Array) => void;

/** Little-endian. Source: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h, the structs block_q4_0 to block_q6_K. */
const DECODERS: Readonly<Record<TensorType, Decoder>> = {
  F32: decodeFloat32,
  F16: decodeFloat16,
  BF16: decodeBfloat16,
  Q4_0: decodeQ4_0,
  Q4_1: decodeQ4_1,
  Q5_0: decodeQ5_0,
  Q5_1: decodeQ5_1,
  Q8_0: decodeQ8_0,
  Q4_K: decodeQ4_K,
  Q5_K: decodeQ5_K,
  Q6_K: decodeQ6_K,
};

/** The values of whole blocks as 32-bit floats, as many as `bytes` holds. */
export function decodeTensor(type: TensorType, bytes: Uint8Array): Float32Array {
  const { bytes: blockBytes, values } = TENSOR_TYPES[type];
  const count = bytes.length / blockBytes;
  const out = new Float32Array(count * values);
  DECODERS[type](bytes, count, out);
  return out;
}
