import assert from "node:assert/strict";
import fc from "fast-check";
import { lengthDrift, probeLengths, regularizedScore } from "../../../../src/decode/infill/lengthScore.js";

const EDGE = 1e-12;

describe("probeLengths", () => {
  it("is the powers of two up to the limit, and at least 1", () => {
    assert.deepEqual(probeLengths(1, 128), [1, 2, 4, 8, 16, 32, 64, 128]);
    assert.deepEqual(probeLengths(1, 7), [1, 2, 4]);
    assert.deepEqual(probeLengths(1, 1), [1]);
    assert.deepEqual(probeLengths(5, 20), [5, 8, 16]);
  });
});

describe("lengthDrift", () => {
  it("is the slope of confidence with ln length, whatever the intercept", () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true }), (intercept, slope) => {
        const probes = probeLengths(1, 64).map((length) => ({ length, confidence: intercept + slope * Math.log(length) }));
        assert.ok(Math.abs(lengthDrift(probes) - slope) < 1e-9);
      }),
    );
  });

  it("is the least-squares slope of points off the line", () => {
    // ln L in units of ln 2 is 0, 1, 2; the confidences -1, -2, 0 have the slope 1/2.
    const probes = [[1, -1], [2, -2], [4, 0]].map(([length, confidence]) => ({ length, confidence })); // prettier-ignore
    assert.ok(Math.abs(lengthDrift(probes) - 0.5 / Math.LN2) < EDGE);
  });

  it("is 0 for a single length", () => {
    assert.equal(lengthDrift([{ length: 1, confidence: -2 }]), 0);
  });
});

describe("regularizedScore", () => {
  it("takes the drift out", () => {
    assert.equal(regularizedScore({ length: 1, confidence: -2 }, 0.7), -2);
    assert.ok(Math.abs(regularizedScore({ length: 8, confidence: -2 }, 0.5) - (-2 - 1.5 * Math.LN2)) < EDGE);
  });
});
