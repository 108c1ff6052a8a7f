import { halfTable } from "./half.js";

/** Little-endian F32. */
export function decodeFloat32(bytes: Uint8Array, count: number, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, count * 4).set(bytes.subarray(0, count * 4));
}

/** Little-endian IEEE binary16; every value is exact. */
export function decodeFloat16(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let index = 0; index < count; index += 1) out[index] = half[bytes[2 * index] | (bytes[2 * index + 1] << 8)];
}

/** Little-endian bfloat16, the upper half of an F32; every value is exact. */
export function decodeBfloat16(bytes: Uint8Array, count: number, out: Float32Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, count);
  for (let index = 0; index < count; index += 1) words[index] = (bytes[2 * index] | (bytes[2 * index + 1] << 8)) << 16;
}
