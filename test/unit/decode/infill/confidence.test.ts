import assert from "node:assert/strict";
import fc from "fast-check";
import { rowConfidence } from "../../../../src/decode/infill/confidence.js";

function plain(logits: Float32Array): number {
  const max = Math.max(...logits);
  const powers = [...logits].map((logit) => Math.exp(logit - max));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.reduce((sum, power) => (power > 0 ? sum + (power / total) * Math.log(power / total) : sum), 0);
}

const negativeEntropy = (logits: Float32Array, offset: number, vocabSize: number): number => rowConfidence(logits, offset, vocabSize).negativeEntropy;

describe("rowConfidence", () => {
  it("is -ln n for n equal logits and 0 for a certain token", () => {
    assert.ok(Math.abs(negativeEntropy(new Float32Array(8).fill(3), 0, 8) + Math.log(8)) < 1e-9);
    assert.equal(negativeEntropy(Float32Array.of(-Infinity, 2, -Infinity), 0, 3), 0);
  });

  it("reads one row of many", () => {
    const logits = Float32Array.of(50, 0, 0, 50);
    assert.ok(Math.abs(negativeEntropy(logits, 1, 2) + Math.LN2) < 1e-9);
  });

  it("agrees with the plain formula within 3e-8, whatever the logits", () => {
    const rows = fc.array(fc.float({ min: -200, max: 200, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(rows, (values) => {
        const logits = Float32Array.from(values);
        assert.ok(Math.abs(negativeEntropy(logits, 0, logits.length) - plain(logits)) < 3e-8);
      }),
    );
  });

  it("lets a NaN through instead of hiding it", () => {
    assert.ok(Number.isNaN(negativeEntropy(Float32Array.of(1, NaN, 2), 0, 3)));
  });
});
