import assert from "node:assert/strict";
import { AdaptiveDebounce } from "../../../src/suggest/adaptiveDebounce.js";
import { LatestRefusals } from "../../../src/suggest/latestRefusals.js";
import { LEAST_PAIRS, SpeedRecord } from "../../../src/measure/speedRecord.js";

describe("the debounce", () => {
  const waitAfter = (...firstTextMs: number[]): number => {
    const debounce = new AdaptiveDebounce();
    for (const ms of firstTextMs) debounce.add(ms);
    return debounce.waitMs;
  };

  it("is nothing before anything was measured, and nothing for a fast engine", () => {
    assert.equal(waitAfter(), 0);
    assert.equal(waitAfter(30, 60, 80), 0);
  });

  it("grows with the engine's time, up to a limit", () => {
    assert.ok(waitAfter(200) > 0);
    assert.ok(waitAfter(300) > waitAfter(200));
    assert.equal(waitAfter(5000), waitAfter(50_000));
    assert.ok(waitAfter(50_000) <= 200);
  });

  it("forgets what was long ago, and does not mind one slow request", () => {
    assert.equal(waitAfter(...Array.from({ length: 15 }, () => 5000), ...Array.from({ length: 15 }, () => 20)), 0);
    assert.equal(waitAfter(20, 20, 5000, 20), 0);
  });

  it("finds out that the engine is quick by now, though keys come faster than it waits", () => {
    const debounce = new AdaptiveDebounce();
    debounce.add(5000);
    const first = debounce.waitMs;
    for (let key = 0; key < 4; key += 1) debounce.cutShort();
    assert.ok(debounce.waitMs < first / 8, `${debounce.waitMs} ms`);
    for (let key = 0; key < 3; key += 1) debounce.add(60);
    assert.equal(debounce.waitMs, 0);
  });

  it("waits again where the first text still comes too late", () => {
    const debounce = new AdaptiveDebounce();
    debounce.add(5000);
    const first = debounce.waitMs;
    debounce.cutShort();
    debounce.tooLate(150);
    assert.equal(debounce.waitMs, first);
  });
});

describe("the speed record", () => {
  const pair = (plain: number, drafted: number) => ({ plain: [plain], drafted: [drafted] });

  it("says no speed-up before there are enough pairs", () => {
    const record = new SpeedRecord();
    for (let count = 1; count < LEAST_PAIRS; count += 1) record.addPair(pair(10, 20), []);
    assert.equal(record.speeds.speedup, undefined);
    record.addPair(pair(10, 20), []);
    assert.equal(record.speeds.speedup, 2);
    assert.equal(record.speeds.pairs, LEAST_PAIRS);
  });

  it("says the median of the ratios, not the ratio of the medians", () => {
    const record = new SpeedRecord();
    for (const [ar, deer] of [
      [10, 10],
      [10, 20],
      [100, 300],
      [1, 10],
      [10, 15],
    ])
      record.addPair(pair(ar, deer), []);
    assert.equal(record.speeds.speedup, 2);
  });

  it("takes no pair in which either wrote nothing", () => {
    const record = new SpeedRecord();
    record.addPair(pair(0, 5), []);
    record.addPair(pair(5, Infinity), []);
    assert.equal(record.speeds.pairs, 0);
  });

  it("counts how many verifies gave how many tokens", () => {
    const record = new SpeedRecord();
    record.addCompletion({ blocks: [1, 3, 3] }, 50);
    record.addCompletion({ blocks: [0, 20] }, undefined);
    const { blockCounts, tokensPerVerify, completions, firstTextMs } = record.speeds;
    assert.equal(blockCounts[0], 1);
    assert.equal(blockCounts[2], 2);
    assert.equal(blockCounts.at(-1), 1);
    assert.equal(tokensPerVerify, 27 / 4);
    assert.equal(completions, 2);
    assert.deepEqual(firstTextMs, { p50: 50, p90: 50 });
    record.addPair(pair(10, 20), [2, 2]);
    assert.equal(record.speeds.blockCounts[1], 2);
  });
});

describe("the latest refusals", () => {
  const refusal = (text: string, line = 1, atMs = 0) => ({ text, line, atMs, file: "/a.py" });

  it("holds the latest ten, latest first", () => {
    const ring = new LatestRefusals();
    for (let index = 0; index < 15; index += 1) ring.add(refusal(`reason ${index}`));
    assert.deepEqual(
      ring.latest.map(({ text }) => text),
      Array.from({ length: 10 }, (_, index) => `reason ${14 - index}`),
    );
  });

  it("holds a refusal that comes again at its line once, with the later time", () => {
    const ring = new LatestRefusals();
    ring.add(refusal("blank", 3, 1));
    ring.add(refusal("other", 3, 2));
    ring.add(refusal("blank", 3, 9));
    assert.deepEqual(
      ring.latest.map(({ text, atMs }) => [text, atMs]),
      [
        ["blank", 9],
        ["other", 2],
      ],
    );
    ring.add(refusal("blank", 4, 10));
    assert.equal(ring.latest.length, 3);
  });
});
