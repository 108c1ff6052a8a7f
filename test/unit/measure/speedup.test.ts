import assert from "node:assert/strict";
import fc from "fast-check";
import { median } from "../../../src/base/median.js";
import { speedup } from "../../../src/measure/speedup.js";
import { gain } from "../../../src/measure/gain.js";

describe("the speed-up", () => {
  it("of a prompt is the ratio of the medians of its rounds, so that one slow round does not decide", () => {
    assert.equal(speedup([{ plain: [100, 1, 110], drafted: [200, 220, 9000] }]), 2.2);
  });

  it("of several prompts is the median of theirs, not the ratio of all speeds", () => {
    const prompts = [
      { plain: [10], drafted: [10] },
      { plain: [1000], drafted: [3000] },
      { plain: [1], drafted: [2] },
    ];
    assert.equal(speedup(prompts), 2);
  });

  it("leaves out prompts at which either wrote nothing, and is nothing without any other", () => {
    assert.equal(
      speedup([
        { plain: [0], drafted: [5] },
        { plain: [5], drafted: [0] },
        { plain: [], drafted: [1] },
      ]),
      undefined,
    );
    assert.equal(
      speedup([
        { plain: [0], drafted: [5] },
        { plain: [2], drafted: [3] },
      ]),
      1.5,
    );
  });

  it("does not change when the machine is faster at both", () => {
    const speeds = fc.array(fc.double({ min: 1, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(speeds, speeds, fc.double({ min: 0.1, max: 10, noNaN: true }), (plain, drafted, factor) => {
        const faster = (all: readonly number[]): number[] => all.map((speed) => speed * factor);
        const [before, after] = [speedup([{ plain, drafted }]), speedup([{ plain: faster(plain), drafted: faster(drafted) }])];
        assert.ok(before !== undefined && after !== undefined && Math.abs(before / after - 1) < 1e-9);
      }),
    );
  });

  it("is the middle of the values, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        assert.ok(values.filter((value) => value < middle).length <= values.length / 2);
        assert.ok(values.filter((value) => value > middle).length <= values.length / 2);
      }),
    );
  });
});

describe("a gain in words", () => {
  const rows: readonly [speedup: number, range: [number, number] | undefined, said: string][] = [
    [2.14, [1.9, 2.31], "2.1x as fast with drafts (1.9x to 2.3x round by round)"],
    [1.3, [0.8, 1.6], "1.3x as fast with drafts, but not in every round (0.8x to 1.6x round by round)"],
    [0.6, [0.5, 0.8], "0.6x as fast with drafts: slower than without (0.5x to 0.8x round by round)"],
    [0.9, [0.7, 1.2], "0.9x as fast with drafts: slower than without, but not in every round (0.7x to 1.2x round by round)"],
    [1.02, [0.7, 1.4], "As fast with drafts as without (1.0x, 0.7x to 1.4x round by round)"],
    [1.7, undefined, "1.7x as fast with drafts"],
    [1.7, [1.7, 1.7], "1.7x as fast with drafts"],
  ];
  for (const [ratio, range, said] of rows)
    it(`of ${ratio} in rounds of ${range?.join(" to ") ?? "one"} is "${said}"`, () => assert.equal(gain(ratio, range), said));

  it("calls nothing faster that was slower, whatever the rounds say", () => {
    const ratio = fc.double({ min: 0.1, max: 9, noNaN: true });
    fc.assert(
      fc.property(ratio, ratio, ratio, (...three) => {
        const [least, middle, most] = three.sort((a, b) => a - b);
        const said = gain(middle, [least, most]);
        const isSaidSlower = said.includes("slower than without");
        const isSaidEven = said.startsWith("As fast with drafts as without");
        assert.equal(isSaidSlower, middle < 1 && !isSaidEven);
        if (!isSaidEven && (middle > 1 ? least < 1 : most > 1)) assert.match(said, /but not in every round/);
        if (isSaidEven) assert.ok(Math.abs(middle - 1) <= 0.05 + 1e-9);
      }),
    );
  });
});
