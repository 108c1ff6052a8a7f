import assert from "node:assert/strict";
import { discounted, fastestBlock, fixedBlock, type PassCost } from "../../../../src/decode/draft/blockSize.js";

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
    assert.deepEqual(sizer.next(), { length: 5, tokensPerMs: Infinity });
  });
});

describe("discounted", () => {
  it("is as long, promises less, and learns the same", () => {
    const seen: number[][] = [];
    const sizer = { next: () => ({ length: 7, tokensPerMs: 2 }), isPaying: () => true, observe: (...of: number[]) => void seen.push(of) };
    const less = discounted(sizer, 0.8);
    assert.deepEqual(less.next(), { length: 7, tokensPerMs: 1.6 });
    less.observe(7, 3);
    assert.deepEqual(seen, [[7, 3]]);
    assert.equal(less.isPaying?.(), true);
  });
});

describe("fastestBlock", () => {
  it("starts from its prior: 3 when each token costs as much as a pass, 7 when passes are costly", () => {
    // Acceptance 0.6 gives 1 + 0.6 + ... tokens: 2.176 for 3, 2.458 for 7. With 1 ms a token: 2.176/10 beats 2.458/18.
    assert.equal(fastestBlock(() => costs(1, 1)).next().length, 3);
    // With passes of 20 ms and 0.1 ms a token: 2.176/40.8, 2.458/41.6, 2.495/42.4, 2.499/43.2.
    assert.equal(fastestBlock(() => costs(20, 0.1)).next().length, 7);
  });

  it("drafts longer once whole drafts stand, and shorter again once they fall", () => {
    const sizer = fastestBlock(() => costs(20, 0.1));
    for (let round = 0; round < 40; round += 1) sizer.observe(sizer.next().length, sizer.next().length);
    assert.equal(sizer.next().length, 31);
    for (let round = 0; round < 120; round += 1) sizer.observe(sizer.next().length, 0);
    assert.equal(sizer.next().length, 3);
  });

  it("drafts only as far as tokens stand, however surely those before them do", () => {
    const sizer = fastestBlock(() => costs(1, 0.1));
    for (let round = 0; round < 200; round += 1) sizer.observe(31, 7);
    assert.equal(sizer.next().length, 7);
  });

  it("learns nothing from tokens behind the first that fell", () => {
    const short = fastestBlock(() => costs(10, 0.3));
    const long = fastestBlock(() => costs(10, 0.3));
    const trials = Array.from({ length: 60 }, (_, round) => (round * 7) % 5);
    const lengths = trials.map((accepted) => {
      short.observe(accepted + 1, accepted);
      long.observe(31, accepted);
      return [short.next().length, long.next().length];
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
    assert.equal(fastestBlock(() => free).next().length, 3);
  });

  it("promises what the length it chose is expected to give", () => {
    // 1 + 0.6 + 0.36 + 0.216 tokens in two passes of 1 ms and 4 tokens of 1 ms each.
    assert.ok(Math.abs(fastestBlock(() => costs(1, 1)).next().tokensPerMs - 2.176 / 10) < 1e-12);
  });

  it("believes its first trials more than later ones", () => {
    const sizer = fastestBlock(() => costs(20, 0.1));
    for (let round = 0; round < 4; round += 1) sizer.observe(31, 31);
    assert.equal(sizer.next().length, 31);
    for (let round = 0; round < 200; round += 1) sizer.observe(31, 31);
    sizer.observe(31, 0);
    assert.equal(sizer.next().length, 31);
  });

  it("stops drafting where it does not pay, and looks again, first of all sources, more and more rarely", () => {
    const sizer = fastestBlock(() => [{ draftTokens: 0, draftMs: 0, verifyMs: 10 }, ...costs(10, 1)]);
    for (let round = 0; round < 8; round += 1) sizer.observe(sizer.next().length, 0);
    const tries: number[] = [];
    for (let round = 1; round <= 800; round += 1) {
      const { length, tokensPerMs } = sizer.next();
      sizer.observe(length, 0);
      if (length === 0) continue;
      assert.deepEqual([length, tokensPerMs], [3, Infinity]);
      tries.push(round);
    }
    const gaps = tries.map((round, index) => round - (tries[index - 1] ?? 0));
    assert.deepEqual(gaps.slice(1), [32, 64, 128, 256, 256]);
    for (let round = 0; round < 600; round += 1) {
      const { length } = sizer.next();
      sizer.observe(length, length);
    }
    assert.ok(sizer.next().length > 3);
  });

  it("say whether they pay, without counting that as a round", () => {
    const costs = [
      { draftTokens: 0, draftMs: 0, verifyMs: 1 },
      { draftTokens: 3, draftMs: 3, verifyMs: 1.2 },
    ];
    const dear = fastestBlock(() => costs);
    for (let round = 0; round < 100; round += 1) assert.equal(dear.isPaying?.(), false);
    assert.equal(dear.next().length, 0);
    const cheap = fastestBlock(() => costs.map((cost) => ({ ...cost, draftMs: 0 })));
    assert.equal(cheap.isPaying?.(), true);
  });
});
