import assert from "node:assert/strict";
import { createRandom } from "../../../src/base/random.js";
import { deviates } from "../decode/draft/chiSquare.js";

function stream(seed: number, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

describe("createRandom", () => {
  it("gives the same numbers for the same seed and others for another", () => {
    assert.deepEqual(stream(7, 100), stream(7, 100));
    assert.equal(stream(7, 100).filter((value, index) => value === stream(8, 100)[index]).length, 0);
  });

  it("never changes the numbers of a seed", () => {
    assert.deepEqual(
      stream(1, 4).map((value) => value * 2 ** 32),
      [2420951833, 2513034076, 3847892949, 4064752930],
    );
    assert.deepEqual(
      stream(2 ** 32 - 1, 2).map((value) => value * 2 ** 32),
      [2300869303, 3917632794],
    );
  });

  it("stays in [0, 1) and fills it evenly, in pairs too", () => {
    const values = stream(3, 64_000);
    assert.ok(values.every((value) => value >= 0 && value < 1));
    const counts = new Map<string, number>();
    for (let index = 0; index < values.length; index += 2) {
      const cell = `${Math.floor(values[index] * 16)},${Math.floor(values[index + 1] * 16)}`;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    const cells = Array.from({ length: 256 }, (_, index) => [`${index >> 4},${index & 15}`, 1 / 256] as const);
    assert.equal(deviates(counts, new Map(cells)), false);
  });

  it("differs between neighbouring seeds from the first number on", () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => stream(seed, 1)[0]);
    assert.equal(new Set(firsts).size, 1000);
    const mean = firsts.reduce((sum, value) => sum + value, 0) / 1000;
    assert.ok(Math.abs(mean - 0.5) < 0.05, `mean ${mean}`);
  });
});
