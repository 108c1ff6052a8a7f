import { assert } from "../base/assert.js";

const ELEMENT_BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

/** Bytes of one value of a safetensors type, or undefined for a type that is not read. */
export function bytesPerElement(dtype: string): number | undefined {
  return Object.hasOwn(ELEMENT_BYTES, dtype) ? ELEMENT_BYTES[dtype] : undefined;
}

/**
 * Little-endian F32, F16 or BF16 values as 32-bit floats; all three are exact.
 *
 * @param bytes in a buffer of their own, which an F32 result shares
 */
export function decodeFloats(dtype: string, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  assert(bytes.byteOffset === 0 && bytes.length === bytes.buffer.byteLength, "floats are decoded from a whole buffer");
  if (dtype === "F32") return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  const floats = new Float32Array(halves.length);
  if (dtype === "F16") {
    for (let index = 0; index < halves.length; index += 1) floats[index] = fromBinary16(halves[index]);
    return floats;
  }
  assert(dtype === "BF16", `no decoding of ${dtype}`);
  const words = new Uint32Array(floats.buffer);
  for (let index = 0; index < halves.length; index += 1) words[index] = halves[index] << 16;
  return floats;
}

function fromBinary16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
