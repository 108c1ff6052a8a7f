import { halfTable } from "./half.js";

/*
 * Blocks of 32 values. The low nibbles of 16 bytes are the first 16 values, the high nibbles the last 16; a fifth bit
 * lies in a 32-bit word, bit i for value i.
 */

/** value = d * (code - 8); d F16, 16 bytes of codes. */
export function decodeQ4_0(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let block = 0; block < count; block += 1) {
    const from = block * 18;
    const to = block * 32;
    const scale = half[bytes[from] | (bytes[from + 1] << 8)];
    for (let index = 0; index < 16; index += 1) {
      const byte = bytes[from + 2 + index];
      out[to + index] = scale * ((byte & 15) - 8);
      out[to + 16 + index] = scale * ((byte >> 4) - 8);
    }
  }
}

/** value = d * code + m; d F16, m F16, 16 bytes of codes. */
export function decodeQ4_1(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let block = 0; block < count; block += 1) {
    const from = block * 20;
    const to = block * 32;
    const scale = half[bytes[from] | (bytes[from + 1] << 8)];
    const least = half[bytes[from + 2] | (bytes[from + 3] << 8)];
    for (let index = 0; index < 16; index += 1) {
      const byte = bytes[from + 4 + index];
      out[to + index] = scale * (byte & 15) + least;
      out[to + 16 + index] = scale * (byte >> 4) + least;
    }
  }
}

/** value = d * (code - 16); d F16, 4 bytes of fifth bits, 16 bytes of codes. */
export function decodeQ5_0(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let block = 0; block < count; block += 1) {
    const from = block * 22;
    decodeFifthBits(bytes, from + 2, half[bytes[from] | (bytes[from + 1] << 8)], -16, 0, out, block * 32);
  }
}

/** value = d * code + m; d F16, m F16, 4 bytes of fifth bits, 16 bytes of codes. */
export function decodeQ5_1(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let block = 0; block < count; block += 1) {
    const from = block * 24;
    const least = half[bytes[from + 2] | (bytes[from + 3] << 8)];
    decodeFifthBits(bytes, from + 4, half[bytes[from] | (bytes[from + 1] << 8)], 0, least, out, block * 32);
  }
}

/** value = d * code; d F16, 32 bytes of signed codes. */
export function decodeQ8_0(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let block = 0; block < count; block += 1) {
    const from = block * 34;
    const to = block * 32;
    const scale = half[bytes[from] | (bytes[from + 1] << 8)];
    for (let index = 0; index < 32; index += 1) out[to + index] = scale * ((bytes[from + 2 + index] << 24) >> 24);
  }
}

function decodeFifthBits(bytes: Uint8Array, from: number, scale: number, shift: number, least: number, out: Float32Array, to: number): void {
  const high = bytes[from] | (bytes[from + 1] << 8) | (bytes[from + 2] << 16) | (bytes[from + 3] << 24);
  for (let index = 0; index < 16; index += 1) {
    const byte = bytes[from + 4 + index];
    out[to + index] = scale * (((byte & 15) | (((high >>> index) & 1) << 4)) + shift) + least;
    out[to + 16 + index] = scale * (((byte >> 4) | (((high >>> (index + 16)) & 1) << 4)) + shift) + least;
  }
}
