import { halfTable } from "../sources/half.js";
import { unpackGroupScales } from "../sources/decodeBlocks256.js";
import type { BlockCodes } from "./blockCodes.js";
import { quantizeBlock } from "./quantize.js";

/** Types of 4-bit codes in blocks of 32, whose codes are kept. */
export type FourBitType = "Q4_0" | "Q4_1" | "Q4_K";

const BLOCK = 32;

/**
 * Columns that stand behind those of a transcoded matrix: one for each block, for the part of its zero point that is not
 * whole, filled up to whole blocks. Their input is the sum of the block's inputs.
 */
export function extensionColumns(columns: number): number {
  return Math.ceil(columns / BLOCK / BLOCK) * BLOCK;
}

/** Whether the zero points of a type are whole, so that it needs no columns more. */
export function hasWholeZeroPoints(type: FourBitType): boolean {
  return type === "Q4_0";
}

/**
 * Rows of 4-bit codes as MatMulNBits takes them, without rounding a weight a second time.
 *
 * A weight of the file is scale * code + least. MatMulNBits knows (code - zero) * scale with a whole zero only; what is
 * left of `least`, at most half a step, goes into the columns of the extension: a value for each block, in 4 bits.
 *
 * @param bytes rows of blocks of `type`, [rows, columns]
 */
export function transcode(type: FourBitType, bytes: Uint8Array, rows: number, columns: number): BlockCodes {
  const unpack = UNPACK[type];
  const blocks = columns / BLOCK;
  const codes = new Uint8Array((columns / 2) | 0);
  const scales = new Float32Array(blocks);
  const leasts = new Float32Array(blocks);
  const rowBytes = bytes.length / rows;
  if (hasWholeZeroPoints(type)) {
    const packed = new Uint8Array(rows * blocks * 16);
    const allScales = new Float32Array(rows * blocks);
    for (let row = 0; row < rows; row += 1) {
      unpack(bytes, row * rowBytes, blocks, codes, scales, leasts);
      packed.set(codes, row * codes.length);
      allScales.set(scales, row * blocks);
    }
    return { bits: 4, blockSize: BLOCK, packed, scales: allScales };
  }
  const extra = extensionColumns(columns) / BLOCK;
  const rowBlocks = blocks + extra;
  const zeroBytes = Math.ceil(rowBlocks / 2);
  const packed = new Uint8Array(rows * rowBlocks * 16);
  const allScales = new Float32Array(rows * rowBlocks);
  const zeroPoints = new Uint8Array(rows * zeroBytes);
  const remainders = new Float32Array(extra * BLOCK);
  for (let row = 0; row < rows; row += 1) {
    unpack(bytes, row * rowBytes, blocks, codes, scales, leasts);
    packed.set(codes, row * rowBlocks * 16);
    allScales.set(scales, row * rowBlocks);
    for (let block = 0; block < blocks; block += 1) {
      const scale = scales[block];
      const zero = scale === 0 ? 8 : Math.max(0, Math.min(15, Math.round(-leasts[block] / scale)));
      zeroPoints[row * zeroBytes + (block >> 1)] |= zero << (4 * (block & 1));
      remainders[block] = leasts[block] + scale * zero;
    }
    for (let block = blocks; block < rowBlocks; block += 1) {
      zeroPoints[row * zeroBytes + (block >> 1)] |= 8 << (4 * (block & 1));
      allScales[row * rowBlocks + block] = quantizeBlock(remainders, (block - blocks) * BLOCK, BLOCK, 4, packed, (row * rowBlocks + block) * 16);
    }
  }
  return { bits: 4, blockSize: BLOCK, packed, scales: allScales, zeroPoints };
}

type Unpack = (
  bytes: Uint8Array,
  from: number,
  blocks: number,
  /** [blocks * 16], the lower nibble first */
  codes: Uint8Array,
  scales: Float32Array,
  /** weight = scale * code + least */
  leasts: Float32Array,
) => void;

const UNPACK: Readonly<Record<FourBitType, Unpack>> = {
  Q4_0: (bytes, from, blocks, codes, scales, leasts) => {
    const half = halfTable();
    for (let block = 0; block < blocks; block += 1) {
      const at = from + block * 18;
      scales[block] = half[bytes[at] | (bytes[at + 1] << 8)];
      leasts[block] = -8 * scales[block];
      repackHalves(bytes, at + 2, codes, block * 16);
    }
  },
  Q4_1: (bytes, from, blocks, codes, scales, leasts) => {
    const half = halfTable();
    for (let block = 0; block < blocks; block += 1) {
      const at = from + block * 20;
      scales[block] = half[bytes[at] | (bytes[at + 1] << 8)];
      leasts[block] = half[bytes[at + 2] | (bytes[at + 3] << 8)];
      repackHalves(bytes, at + 4, codes, block * 16);
    }
  },
  Q4_K: (bytes, from, blocks, codes, scales, leasts) => {
    const half = halfTable();
    const groups = new Uint8Array(16);
    for (let first = 0; first < blocks; first += 8) {
      const at = from + (first / 8) * 144;
      const d = half[bytes[at] | (bytes[at + 1] << 8)];
      const dmin = half[bytes[at + 2] | (bytes[at + 3] << 8)];
      unpackGroupScales(bytes, at + 4, groups);
      for (let group = 0; group < 8; group += 1) {
        scales[first + group] = d * groups[group];
        leasts[first + group] = -dmin * groups[8 + group];
      }
      for (let pair = 0; pair < 4; pair += 1) repackPair(bytes, at + 16 + pair * 32, codes, (first + 2 * pair) * 16);
    }
  },
};

/** 16 bytes whose low nibbles are the first 16 codes of a block and whose high ones the last 16. */
function repackHalves(bytes: Uint8Array, from: number, codes: Uint8Array, to: number): void {
  for (let index = 0; index < 8; index += 1) {
    const [even, odd] = [bytes[from + 2 * index], bytes[from + 2 * index + 1]];
    codes[to + index] = (even & 15) | ((odd & 15) << 4);
    codes[to + 8 + index] = (even >> 4) | (odd & 0xf0);
  }
}

/** 32 bytes whose low nibbles are one block and whose high ones the next. */
function repackPair(bytes: Uint8Array, from: number, codes: Uint8Array, to: number): void {
  for (let index = 0; index < 16; index += 1) {
    const even = bytes[from + 2 * index];
    const odd = bytes[from + 2 * index + 1];
    codes[to + index] = (even & 15) | ((odd & 15) << 4);
    codes[to + 16 + index] = (even >> 4) | (odd & 0xf0);
  }
}

/** Q8_0 as MatMulNBits takes it: the same codes and scales, bit for bit. @param bytes whole blocks */
export function copyQ8_0(bytes: Uint8Array): BlockCodes {
  const half = halfTable();
  const blocks = bytes.length / 34;
  const packed = new Uint8Array(blocks * 32);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block += 1) {
    const from = block * 34;
    scales[block] = half[bytes[from] | (bytes[from + 1] << 8)];
    // A signed code plus 128 is the same bits with the first one turned.
    for (let index = 0; index < 32; index += 1) packed[block * 32 + index] = bytes[from + 2 + index] ^ 0x80;
  }
  return { bits: 8, blockSize: 32, packed, scales };
}
