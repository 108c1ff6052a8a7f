import assert from "node:assert/strict";
import { fastestBlock, fixedBlock, type PassCost } from "../../../src/decode/blockSize.js";

/** Costs in milliseconds of drafts of 3, 7, ... 31: a pass of each model, and so much for each token in it. */
function costs(passMs: number, tokenMs: number): PassCost[] {
  return [3, 7, 11, 15, 19, 23, 27, 31].map((draftTokens) => {
    const ms = passMs + tokenMs * (draftTokens + 1);
    return { draftTokens, draftMs: ms, verifyMs: ms };
  });
}

describe("fixedBlock", () => {
  it("is the same length whatever it sees", () => {
    const sizer = fixedBlock(5);
    sizer.observe(5, 0);
    assert.equal(sizer.next(), 5);
  });
});

describe("fastestBlock", () => {
  it("starts from its prior: 3 when each token costs as much as a pass, 7 when passes are costly", () => {
    // Acceptance 0.6 gives 1 + 0.6 + ... tokens: 2.176 for 3, 2.458 for 7. With 1 ms a token: 2.176/10 beats 2.458/18.
    assert.equal(fastestBlock(costs(1, 1)).next(), 3);
    // With passes of 20 ms and 0.1 ms a token: 2.176/40.8, 2.458/41.6, 2.495/42.4, 2.499/43.2.
    assert.equal(fastestBlock(costs(20, 0.1)).next(), 7);
  });

  it("drafts longer once whole drafts stand, and shorter again once they fall", () => {
    const sizer = fastestBlock(costs(20, 0.1));
    for (let round = 0; round < 40; round += 1) sizer.observe(sizer.next(), sizer.next());
    assert.equal(sizer.next(), 31);
    for (let round = 0; round < 120; round += 1) sizer.observe(sizer.next(), 0);
    assert.equal(sizer.next(), 3);
  });

  it("drafts only as far as tokens stand, however surely those before them do", () => {
    const sizer = fastestBlock(costs(1, 0.1));
    for (let round = 0; round < 200; round += 1) sizer.observe(31, 7);
    assert.equal(sizer.next(), 7);
  });

  it("learns nothing from tokens behind the first that fell", () => {
    const short = fastestBlock(costs(10, 0.3));
    const long = fastestBlock(costs(10, 0.3));
    const trials = Array.from({ length: 60 }, (_, round) => (round * 7) % 5);
    const lengths = trials.map((accepted) => {
      short.observe(accepted + 1, accepted);
      long.observe(31, accepted);
      return [short.next(), long.next()];
    });
    assert.ok(lengths.every(([left, right]) => left === right));
  });

  it("takes the shorter of two lengths that are equally fast", () => {
    const priorTokens = (length: number): number => {
      let tokens = 1;
      for (let slot = 1; slot <= length; slot += 1) tokens += 0.6 ** slot;
      return tokens;
    };
    const free = [3, 7].map((draftTokens) => ({ draftTokens, draftMs: priorTokens(draftTokens), verifyMs: 0 }));
    assert.equal(fastestBlock(free).next(), 3);
  });

  it("stops drafting where it does not pay, and looks again from time to time", () => {
    const sizer = fastestBlock([{ draftTokens: 0, draftMs: 0, verifyMs: 10 }, ...costs(10, 1)]);
    for (let round = 0; round < 60; round += 1) sizer.observe(sizer.next(), 0);
    const lengths = Array.from({ length: 64 }, () => sizer.next());
    assert.deepEqual([...new Set(lengths)].sort(), [0, 3]);
    assert.equal(lengths.filter((length) => length === 3).length, 4);
    for (let round = 0; round < 600; round += 1) {
      const drafted = sizer.next();
      sizer.observe(drafted, drafted);
    }
    assert.ok(sizer.next() > 3);
  });
});
