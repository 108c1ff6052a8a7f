import { assert } from "../../base/assert.js";
import type { BlockCodes } from "./blockCodes.js";

/** The largest supported block that divides `columns`, at most `most`; larger is faster, smaller is finer. */
export function blockSizeFor(columns: number, most = 128): number {
  const size = [128, 64, 32, 16].find((candidate) => candidate <= most && columns % candidate === 0);
  assert(size !== undefined, `no block size divides ${columns}`);
  return size;
}

/**
 * Symmetric round-to-nearest quantization, one scale a block.
 *
 * With 4 bits the largest value of a block lands on the one code that has no mirror image, which wins a sixteenth of
 * the range; with 8 bits that code is left out, because some kernels overflow on it.
 *
 * @param data weights [rows, columns], row-major, of which `blockSize` divides `columns`
 */
export function quantize(data: Float32Array, bits: 4 | 8, blockSize: number): BlockCodes {
  const blocks = data.length / blockSize;
  const packed = new Uint8Array((data.length * bits) / 8);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block += 1) {
    const from = block * blockSize;
    scales[block] = quantizeBlock(data, from, blockSize, bits, packed, (from * bits) / 8);
  }
  return { bits, blockSize, packed, scales };
}

/** Quantizes `count` values of `data` from `from` on into `packed` from byte `to` on, which holds zeros; returns the scale. */
export function quantizeBlock(data: Float32Array, from: number, count: number, bits: 4 | 8, packed: Uint8Array, to: number): number {
  const zero = 1 << (bits - 1);
  let peak = 0;
  for (let index = from; index < from + count; index += 1) if (Math.abs(data[index]) > Math.abs(peak)) peak = data[index];
  const scale = Math.fround(bits === 4 ? peak / -zero : Math.abs(peak) / (zero - 1));
  const inverse = scale === 0 ? 0 : 1 / scale;
  // Beyond the range only by a rounding of the scale; `+ 0.5 | 0` rounds what is not negative.
  if (bits === 8) {
    for (let index = 0; index < count; index += 1) packed[to + index] = (data[from + index] * inverse + zero + 0.5) | 0;
    return scale;
  }
  for (let index = 0; index < count; index += 2) {
    const low = Math.min(15, (data[from + index] * inverse + 8.5) | 0);
    const high = Math.min(15, (data[from + index + 1] * inverse + 8.5) | 0);
    packed[to + (index >> 1)] = low | (high << 4);
  }
  return scale;
}

/** The weights that codes stand for, [rows, columns], given how many blocks a row has. */
export function dequantize({ bits, blockSize, packed, scales, zeroPoints }: BlockCodes, rowBlocks: number): Float32Array {
  const data = new Float32Array((packed.length * 8) / bits);
  const zeroBytes = Math.ceil(rowBlocks / 2);
  for (let index = 0; index < data.length; index += 1) {
    const block = Math.floor(index / blockSize);
    const [row, at] = [Math.floor(block / rowBlocks), block % rowBlocks];
    const zero = zeroPoints === undefined ? 1 << (bits - 1) : (zeroPoints[row * zeroBytes + (at >> 1)] >> (4 * (at & 1))) & 15;
    const code = bits === 8 ? packed[index] : (packed[index >> 1] >> (4 * (index & 1))) & 15;
    data[index] = (code - zero) * scales[block];
  }
  return data;
}
