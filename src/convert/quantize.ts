import { assert } from "../base/assert.js";

/** A weight matrix in blocks along its input dimension, as MatMulNBits of ONNX Runtime wants it. */
export interface QuantizedMatrix {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** uint8 [rows, columns / blockSize, blockSize * bits / 8]; value + 2^(bits-1); for 4 bits the lower nibble first */
  readonly packed: Uint8Array;
  /** [rows, columns / blockSize] */
  readonly scales: Float32Array;
}

/** The largest supported block that divides `columns`; larger is faster. */
export function blockSizeFor(columns: number): number {
  const size = [128, 64, 32, 16].find((candidate) => columns % candidate === 0);
  assert(size !== undefined, `no block size divides ${columns}`);
  return size;
}

/**
 * Symmetric round-to-nearest quantization, one scale a block.
 *
 * With 4 bits the largest value of a block lands on the one code that has no mirror image, which wins a sixteenth of
 * the range; with 8 bits that code is left out, because some kernels overflow on it.
 *
 * @param data weights [rows, columns], row-major
 */
export function quantize(data: Float32Array, rows: number, columns: number, bits: 4 | 8): QuantizedMatrix {
  const blockSize = blockSizeFor(columns);
  const blocks = (rows * columns) / blockSize;
  const zero = 1 << (bits - 1);
  const packed = new Uint8Array((rows * columns * bits) / 8);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block += 1) {
    const from = block * blockSize;
    let peak = 0;
    for (let index = from; index < from + blockSize; index += 1) if (Math.abs(data[index]) > Math.abs(peak)) peak = data[index];
    const scale = Math.fround(bits === 4 ? peak / -zero : Math.abs(peak) / (zero - 1));
    scales[block] = scale;
    for (let index = from; index < from + blockSize; index += 1) {
      const code = scale === 0 ? zero : Math.min(2 * zero - 1, Math.max(0, Math.round(data[index] / scale) + zero));
      if (bits === 8) packed[index] = code;
      else packed[index >> 1] |= code << (4 * (index & 1));
    }
  }
  return { bits, blockSize, packed, scales };
}

/** The weights that a quantized matrix stands for, [rows, columns]. */
export function dequantize({ bits, blockSize, packed, scales }: QuantizedMatrix): Float32Array {
  const zero = 1 << (bits - 1);
  const data = new Float32Array((packed.length * 8) / bits);
  for (let index = 0; index < data.length; index += 1) {
    const code = bits === 8 ? packed[index] : (packed[index >> 1] >> (4 * (index & 1))) & 15;
    data[index] = (code - zero) * scales[Math.floor(index / blockSize)];
  }
  return data;
}
