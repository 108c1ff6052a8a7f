import assert from "node:assert/strict";
import fc from "fast-check";
import { createRandom } from "../../../src/base/random.js";
import { argmax, distribution, drawIndex, type SamplingRule } from "../../../src/decode/sample.js";
import { deviates } from "./draft/chiSquare.js";

function probabilitiesOf(logits: readonly number[], rule: SamplingRule): number[] {
  const into = new Float64Array(logits.length);
  distribution(Float32Array.from(logits), 0, logits.length, rule, into);
  return [...into];
}

function assertClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, index) => assert.ok(Math.abs(value - expected[index]) <= tolerance, `${index}: ${value}, not ${expected[index]}`));
}

const LOG_OF_TENTHS = [0.1, 0.4, 0.3, 0.2].map(Math.log);

describe("argmax", () => {
  it("takes the lowest of equal ids and reads nothing outside its row", () => {
    assert.equal(argmax(Float32Array.of(9, 1, 3, 3, 9), 1, 3), 1);
  });

  it("never takes a NaN, and refuses a row without a usable logit", () => {
    assert.equal(argmax(Float32Array.of(NaN, -Infinity, -5), 0, 3), 2);
    assert.throws(() => argmax(Float32Array.of(NaN, -Infinity), 0, 2), /without a usable logit/);
  });
});

describe("distribution", () => {
  it("is the softmax at temperature 1 and its square, rescaled, at temperature 1/2", () => {
    assertClose(probabilitiesOf(LOG_OF_TENTHS, { temperature: 1, topP: 1 }), [0.1, 0.4, 0.3, 0.2]);
    assertClose(probabilitiesOf(LOG_OF_TENTHS, { temperature: 0.5, topP: 1 }), [1 / 30, 16 / 30, 9 / 30, 4 / 30]);
  });

  it("survives logits that overflow an exponential, and gives an impossible token nothing", () => {
    assertClose(probabilitiesOf([1000, 1000, -Infinity], { temperature: 0.2, topP: 1 }), [0.5, 0.5, 0]);
  });

  it("is a point mass at temperature 0", () => {
    assert.deepEqual(probabilitiesOf([1, 3, 3], { temperature: 0, topP: 0.1 }), [0, 1, 0]);
  });

  it("keeps the fewest tokens that reach top-p, rescaled", () => {
    assertClose(probabilitiesOf(LOG_OF_TENTHS, { temperature: 1, topP: 0.65 }), [0, 4 / 7, 3 / 7, 0]);
    assertClose(probabilitiesOf(LOG_OF_TENTHS, { temperature: 1, topP: 0.75 }), [0, 4 / 9, 3 / 9, 2 / 9]);
    assertClose(probabilitiesOf(LOG_OF_TENTHS, { temperature: 1, topP: 1e-9 }), [0, 1, 0, 0]);
  });

  it("keeps the lowest ids of equal ones at the edge of top-p", () => {
    assertClose(probabilitiesOf([0, 0, 0, 0], { temperature: 1, topP: 0.5 }), [0.5, 0.5, 0, 0]);
  });

  it("keeps a set that reaches top-p and would not without its least token, whatever the logits", () => {
    const rows = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (halves, topP) => {
        const logits = halves.map((half) => half / 2);
        const whole = probabilitiesOf(logits, { temperature: 1, topP: 1 });
        const kept = probabilitiesOf(logits, { temperature: 1, topP });
        const keptWhole = whole.filter((_, index) => kept[index] > 0);
        const mass = keptWhole.reduce((sum, value) => sum + value, 0);
        assert.ok(mass >= topP - 1e-9, `${mass} is below ${topP}`);
        assert.ok(mass - Math.min(...keptWhole) < topP + 1e-9, "a token too many");
        assert.ok(
          whole.every((value, index) => kept[index] > 0 || value <= Math.min(...keptWhole)),
          "a better token dropped",
        );
        assertClose([kept.reduce((sum, value) => sum + value, 0)], [1], 1e-9);
      }),
    );
  });
});

describe("drawIndex", () => {
  it("draws each index with its probability, scaled or not", () => {
    const random = createRandom(5);
    const counts = new Map<string, number>();
    for (let round = 0; round < 20_000; round += 1) {
      const drawn = String(drawIndex(Float64Array.of(0.5, 0, 1.5, 2, 99), 4, random));
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    assert.equal(
      deviates(
        counts,
        new Map([
          ["0", 0.125],
          ["2", 0.375],
          ["3", 0.5],
        ]),
      ),
      false,
    );
    assert.equal(
      deviates(
        counts,
        new Map([
          ["0", 0.125],
          ["2", 0.42],
          ["3", 0.455],
        ]),
      ),
      true,
    );
  });

  it("never draws an impossible index, at either end of chance", () => {
    const weights = Float64Array.of(0, 0.3, 0.7, 0);
    assert.equal(drawIndex(weights, 4, { next: () => 0 }), 1);
    assert.equal(drawIndex(weights, 4, { next: () => 1 - 2 ** -32 }), 2);
  });

  it("spends no chance on a certain outcome", () => {
    assert.equal(drawIndex(Float64Array.of(0, 1, 0), 3, { next: () => assert.fail("drew") }), 1);
  });

  it("refuses weights that are all 0 or not numbers", () => {
    assert.throws(() => drawIndex(Float64Array.of(0, 0), 2, createRandom(1)), /sum to 0/);
    assert.throws(() => drawIndex(Float64Array.of(NaN, 1), 2, createRandom(1)), /sum to NaN/);
  });
});
