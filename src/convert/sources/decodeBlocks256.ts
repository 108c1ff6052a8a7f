import { halfTable } from "./half.js";

/* Blocks of 256 values in groups of 32 (Q4_K, Q5_K) or 16 (Q6_K), each with a scale that is quantized itself. */

/**
 * The 6-bit scales and minima of the 8 groups of a Q4_K or Q5_K block, from its 12 bytes.
 *
 * @param out [16]: the 8 scales, then the 8 minima
 */
export function unpackGroupScales(bytes: Uint8Array, from: number, out: Uint8Array): void {
  for (let group = 0; group < 4; group += 1) {
    out[group] = bytes[from + group] & 63;
    out[8 + group] = bytes[from + 4 + group] & 63;
    const low = bytes[from + 8 + group];
    out[4 + group] = (low & 15) | ((bytes[from + group] >> 6) << 4);
    out[12 + group] = (low >> 4) | ((bytes[from + 4 + group] >> 6) << 4);
  }
}

/** value = d * scale * code - dmin * minimum; d F16, dmin F16, 12 bytes of scales and minima, 128 bytes of codes. */
export function decodeQ4_K(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  const scales = new Uint8Array(16);
  for (let block = 0; block < count; block += 1) {
    const from = block * 144;
    const d = half[bytes[from] | (bytes[from + 1] << 8)];
    const dmin = half[bytes[from + 2] | (bytes[from + 3] << 8)];
    unpackGroupScales(bytes, from + 4, scales);
    for (let pair = 0; pair < 4; pair += 1) {
      const to = block * 256 + pair * 64;
      const codes = from + 16 + pair * 32;
      const [lowScale, highScale] = [Math.fround(d * scales[2 * pair]), Math.fround(d * scales[2 * pair + 1])];
      const [lowLeast, highLeast] = [Math.fround(dmin * scales[8 + 2 * pair]), Math.fround(dmin * scales[9 + 2 * pair])];
      for (let index = 0; index < 32; index += 1) {
        const byte = bytes[codes + index];
        out[to + index] = lowScale * (byte & 15) - lowLeast;
        out[to + 32 + index] = highScale * (byte >> 4) - highLeast;
      }
    }
  }
}

/** As Q4_K with a fifth bit for each code: d, dmin, 12 bytes of scales and minima, 32 bytes of fifth bits, 128 bytes of codes. */
export function decodeQ5_K(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  const scales = new Uint8Array(16);
  for (let block = 0; block < count; block += 1) {
    const from = block * 176;
    const d = half[bytes[from] | (bytes[from + 1] << 8)];
    const dmin = half[bytes[from + 2] | (bytes[from + 3] << 8)];
    unpackGroupScales(bytes, from + 4, scales);
    for (let group = 0; group < 8; group += 1) {
      const to = block * 256 + group * 32;
      const codes = from + 48 + (group >> 1) * 32;
      const shift = 4 * (group & 1);
      const scale = Math.fround(d * scales[group]);
      const least = Math.fround(dmin * scales[8 + group]);
      for (let index = 0; index < 32; index += 1) {
        const code = ((bytes[codes + index] >> shift) & 15) | (((bytes[from + 16 + index] >> group) & 1) << 4);
        out[to + index] = scale * code - least;
      }
    }
  }
}

/**
 * value = d * scale * (code - 32): 128 bytes of low nibbles, 64 bytes of upper bit pairs, 16 signed scales, d F16.
 */
export function decodeQ6_K(bytes: Uint8Array, count: number, out: Float32Array): void {
  const half = halfTable();
  for (let block = 0; block < count; block += 1) {
    const from = block * 210;
    const d = half[bytes[from + 208] | (bytes[from + 209] << 8)];
    for (let quarter = 0; quarter < 8; quarter += 1) {
      // A half of the block holds four quarters of 32 values: nibbles of 64 bytes, bit pairs of 32.
      const [upper, lane] = [quarter >> 2, quarter & 3];
      const nibbles = from + upper * 64 + (lane & 1) * 32;
      const pairs = from + 128 + upper * 32;
      const nibbleShift = lane & 2 ? 4 : 0;
      const to = block * 256 + quarter * 32;
      for (let part = 0; part < 2; part += 1) {
        const scale = Math.fround(d * ((bytes[from + 192 + quarter * 2 + part] << 24) >> 24));
        for (let index = part * 16; index < part * 16 + 16; index += 1) {
          const code = ((bytes[nibbles + index] >> nibbleShift) & 15) | (((bytes[pairs + index] >> (2 * lane)) & 3) << 4);
          out[to + index] = scale * (code - 32);
        }
      }
    }
  }
}
