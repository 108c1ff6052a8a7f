import assert from "node:assert/strict";
import { raceReport, type RaceReport } from "../../../src/measure/raceReport.js";
import { raceWords } from "../../../src/measure/raceWords.js";
import type { CompleteResult } from "../../../src/protocol/messages.js";
import { ranCompletion } from "./ranCompletion.js";

const TEXT = "abcdefghijkl";
const drafted = (...speeds: number[]): CompleteResult[] => speeds.map((tokensPerSecond) => ranCompletion({ tokensPerSecond }));
const plain = (...speeds: number[]): CompleteResult[] => speeds.map((tokensPerSecond) => ranCompletion({ tokensPerSecond, verifies: 12 }));

function report(ar: readonly CompleteResult[], deer: readonly CompleteResult[], undrafted = ranCompletion(), shown = {}): RaceReport {
  return raceReport({ undrafted, shown, timed: { ar, deer } });
}

/** Everything that people are shown of a race. */
function screen(result: RaceReport): string {
  const { headline, details } = raceWords(result);
  return [headline, ...details].join("\n");
}

describe("the report of a race", () => {
  it("names the speed-up of the medians, the speeds with their ranges, and that of each round", () => {
    const { speedup, speedupRange, ar, deer, rounds } = report(plain(100, 90, 400), drafted(50, 250, 260));
    assert.equal(speedup, 2.5);
    assert.deepEqual([ar.tokensPerSecond, ar.range], [100, [90, 400]]);
    assert.deepEqual([deer.tokensPerSecond, deer.range], [250, [50, 260]]);
    assert.deepEqual([speedupRange, rounds], [[0.5, 250 / 90], 3]);
  });

  it("counts the verifier's own token in tokens a pass, and accepted drafts without it", () => {
    const { deer } = report(plain(1), [ranCompletion({ verifies: 2, accepted: 10 })]);
    assert.deepEqual([deer.meanAccepted, deer.acceptedDraftTokens], [6, 10]);
  });

  it("one run with another text is enough not to be lossless, a shown one too", () => {
    const other = ranCompletion({ text: "abcdefghijkX" });
    assert.equal(report(plain(1, 1), drafted(1, 1)).lossless, true);
    assert.equal(report(plain(1, 1), [...drafted(1), other]).lossless, false);
    assert.equal(report(plain(1), drafted(1), ranCompletion(), { ar: plain(1), deer: [other] }).lossless, false);
  });

  it("names the first token at which one-token decoding wrote another text, in any run", () => {
    const early = [ranCompletion({ text: "abcX" }), ranCompletion({ text: "abXd" })];
    assert.equal(report(early, drafted(1, 1)).plainDiffersFrom, 3);
    assert.equal(report([ranCompletion({ text: "abcd" })], drafted(1)).plainDiffersFrom, 5);
    assert.equal(report(plain(1), drafted(1)).plainDiffersFrom, null);
  });

  it("gives no number that passes cannot explain, and still says the speeds", () => {
    assert.equal(report(plain(100), drafted(320)).speedup, 3.2);
    const busy = report(plain(31, 20, 40), drafted(736, 700, 800));
    assert.deepEqual([busy.speedup, busy.obstacle], [null, "busy"]);
    assert.match(screen(busy), /too busy[^]*736 tokens\/s while writing \(700 to 800\)[^]*31 tokens\/s while writing \(20 to 40\)/);
  });

  it("gives no number where next to nothing was written", () => {
    const short = ranCompletion({ text: "a", verifies: 1 });
    const nothing = ranCompletion({ text: "", verifies: 0, tokensPerSecond: 0 });
    for (const run of [short, nothing]) {
      const result = report([run], [run], run);
      assert.deepEqual([result.speedup, result.obstacle, result.speedupRange], [null, "short", null]);
      assert.match(screen(result), /Too little was written here/);
      assert.deepEqual(JSON.parse(JSON.stringify(result)), result, "JSON says the same");
    }
  });
});

describe("a race on a screen", () => {
  it("says the speeds of writing, and that the reading of the prompt is in neither", () => {
    const shown = { ar: [ranCompletion({ promptMs: 181.4 })], deer: [ranCompletion()] };
    const said = screen(report(plain(100, 100), drafted(210, 230), ranCompletion(), shown));
    assert.match(said, /^2\.2x as fast with drafts \(2\.1x to 2\.3x round by round\)\n/);
    assert.match(said, /With drafts: 220 tokens\/s while writing \(210 to 230\), 12 tokens in 4 passes/);
    assert.match(said, /Without, one token a pass: 100 tokens\/s while writing, 12 tokens in 12 passes/);
    assert.match(said, /Medians of 2 rounds with m \(cpu\)\. Reading the prompt took 181 ms and is in neither speed\./);
  });

  it("says with what the drafted text was compared, and that one-token decoding wrote the same", () => {
    const said = screen(report(plain(100), drafted(200)));
    assert.match(said, /Same text as undrafted decoding in the same passes: yes \(verified in 1 run\)\./);
    assert.match(said, /One-token decoding wrote the same text here\./);
  });

  it("says from which token on one-token decoding wrote another text, and nowhere that the two are the same", () => {
    const said = screen(report([ranCompletion({ text: `${TEXT.slice(0, 8)}XYZ`, verifies: 11 })], drafted(200)));
    assert.match(said, /One-token decoding wrote another text here, from token 9 on: it rounds differently\./);
    assert.match(said, /Same text as undrafted decoding in the same passes: yes/);
    assert.doesNotMatch(said, /identical|wrote the same/i);
  });

  it("asks for a report when drafts changed the text", () => {
    const said = screen(report(plain(100), drafted(200), ranCompletion({ text: "other text!!" })));
    assert.match(said, /Same text as undrafted decoding in the same passes: no\. This is a fault in Lacuna: please report it\./);
  });
});
