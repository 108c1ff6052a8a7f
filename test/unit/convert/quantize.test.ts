import assert from "node:assert/strict";
import fc from "fast-check";
import { blockSizeFor, dequantize, quantize } from "../../../src/convert/weights/quantize.js";

const ROWS = 3;
const weights = (columns: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: ROWS * columns, maxLength: ROWS * columns, noNaN: true, noDefaultInfinity: true, min: -8, max: 8 });

/** Largest absolute value of each block. */
function peaks(data: Float32Array, blockSize: number): number[] {
  return Array.from({ length: data.length / blockSize }, (_, block) =>
    data.subarray(block * blockSize, (block + 1) * blockSize).reduce((peak, value) => Math.max(peak, Math.abs(value)), 0),
  );
}

describe("quantize", () => {
  // Rounding loses half a step; with 4 bits the value opposite to the peak may lose a whole one, as it has no code.
  for (const { bits, bound } of [{ bits: 8, bound: 0.5 / 127 }, { bits: 4, bound: 1 / 8 }] as const) {
    it(`keeps every weight within ${bound.toFixed(4)} of its block's peak in ${bits} bits`, () => {
      fc.assert(
        fc.property(weights(96), (data) => {
          const blockSize = 32;
          const restored = dequantize(quantize(data, bits, blockSize), 3);
          const limits = peaks(data, blockSize);
          data.forEach((value, index) => {
            const limit = limits[Math.floor(index / blockSize)] * bound * (1 + 1e-5) + 1e-40;
            assert.ok(Math.abs(restored[index] - value) <= limit, `${value} became ${restored[index]}`);
          });
        }),
        { numRuns: 50 },
      );
    });

    it(`changes nothing when the result of ${bits} bits is quantized again`, () => {
      const data = Float32Array.from({ length: ROWS * 64 }, (_, index) => Math.sin(index * 1.7));
      const once = dequantize(quantize(data, bits, 64), 1);
      dequantize(quantize(once, bits, 64), 1).forEach((value, index) => assert.ok(Math.abs(value - once[index]) < 1e-6));
    });

    it(`turns a block of zeros into zeros in ${bits} bits`, () => {
      assert.ok(dequantize(quantize(new Float32Array(64), bits, 64), 1).every((value) => value === 0));
    });
  }

  it("packs 4-bit codes lower nibble first, with 8 for zero", () => {
    const data = new Float32Array(16);
    data.set([-8, 1, 7]);
    const { packed, scales } = quantize(data, 4, 16);
    assert.deepEqual([...scales], [1]);
    assert.deepEqual([...packed.subarray(0, 3)], [0x90, 0x8f, 0x88]);
  });

  it("leaves 8-bit code 0 out and uses 128 for zero", () => {
    const data = new Float32Array(16);
    data.set([-127, 127, 1]);
    assert.deepEqual([...quantize(data, 8, 16).packed.subarray(0, 4)], [1, 255, 129, 128]);
  });

  it("takes the largest block that divides the columns", () => {
    assert.deepEqual([1024, 768, 192, 96, 80].map((columns) => blockSizeFor(columns)), [128, 128, 64, 32, 16]);
    assert.equal(blockSizeFor(1024, 32), 32);
    assert.throws(() => blockSizeFor(40), /no block size divides 40/);
  });
});
