import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";
import { dequantize } from "../../../src/convert/weights/quantize.js";
import { copyQ8_0, extensionColumns, transcode, type FourBitType } from "../../../src/convert/weights/transcode.js";

const fixture = JSON.parse(readFileSync(path.resolve("test/unit/convert/fixtures/blocks.json"), "utf8")) as Record<
  string,
  { readonly blocks: string }
>;
const blocksOf = (type: string): Uint8Array => new Uint8Array(Buffer.from(fixture[type].blocks, "base64"));
const ROWS = 3;

/** What the codes make of a row of inputs, the block sums behind them where the matrix is extended. */
function product(weights: Float32Array, inputs: readonly number[]): number {
  return inputs.reduce((sum, value, index) => sum + value * weights[index], 0);
}

function sums(inputs: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, block) => inputs.slice(block * 32, block * 32 + 32).reduce((sum, value) => sum + value, 0));
}

describe("transcoding", () => {
  for (const type of ["Q4_0", "Q4_1", "Q4_K"] as const satisfies FourBitType[]) {
    it(`of ${type} keeps every weight but for half a step of what its zero point is rounded by`, () => {
      const bytes = blocksOf(type);
      const expected = decodeTensor(type, bytes);
      const columns = expected.length / ROWS;
      const codes = transcode(type, bytes, ROWS, columns);
      const rowBlocks = codes.scales.length / ROWS;
      const restored = dequantize(codes, rowBlocks);
      const blocks = columns / 32;
      assert.equal(rowBlocks, type === "Q4_0" ? blocks : blocks + extensionColumns(columns) / 32);
      for (let row = 0; row < ROWS; row += 1) {
        for (let block = 0; block < blocks; block += 1) {
          // One input of a block at a time, so that no error hides behind another.
          for (let at = 0; at < 32; at += 1) {
            const inputs = Array.from({ length: columns }, (_, index) => (index === block * 32 + at ? 1 : 0));
            const given = type === "Q4_0" ? inputs : [...inputs, ...sums(inputs, rowBlocks * 32 - columns)];
            const actual = product(restored.subarray(row * rowBlocks * 32), given);
            const steps = Array.from(codes.scales.subarray(row * rowBlocks, row * rowBlocks + blocks), Math.abs);
            const off = Math.abs(actual - expected[row * columns + block * 32 + at]);
            // Half a step of the remainder's 4 bits, whose largest value sets the step for all of them.
            const limit = type === "Q4_0" ? 1e-6 : remainderPeak(codes, row, rowBlocks, blocks) / 8 + 1e-6;
            assert.ok(off <= limit, `${off} in row ${row}, block ${block}; steps ${steps.join()}`);
          }
        }
      }
    });
  }

  it("of Q8_0 changes no weight", () => {
    const bytes = blocksOf("Q8_0");
    const expected = decodeTensor("Q8_0", bytes);
    const codes = copyQ8_0(bytes);
    assert.deepEqual(dequantize(codes, codes.scales.length), expected);
  });

  it("keeps the codes of Q4_K, two to a byte in their order", () => {
    const bytes = blocksOf("Q4_K").slice(0, 144);
    const { packed } = transcode("Q4_K", bytes, 1, 256);
    const codes = Array.from({ length: 256 }, (_, index) => (packed[index >> 1] >> (4 * (index & 1))) & 15);
    const stored = Array.from({ length: 256 }, (_, index) => {
      const byte = bytes[16 + Math.floor(index / 64) * 32 + (index % 32)];
      return index % 64 < 32 ? byte & 15 : byte >> 4;
    });
    assert.deepEqual(codes, stored);
  });
});

/** Largest value that the extension of a row holds. */
function remainderPeak({ scales }: ReturnType<typeof transcode>, row: number, rowBlocks: number, blocks: number): number {
  return Math.max(...Array.from(scales.subarray(row * rowBlocks + blocks, (row + 1) * rowBlocks), (scale) => 8 * Math.abs(scale)));
}
