import assert from "node:assert/strict";
import { median, quantile } from "../../../src/base/median.js";
import { passCurve } from "../../../bench/library/passCurve.js";
import { contextOf, drawPlaces } from "../../../bench/library/speedPlaces.js";
import { summarizeSpeed } from "../../../bench/library/speedSummary.js";
import { speedTrial, type SpeedRow, type SpeedRun } from "../../../bench/library/speedTrial.js";
import { spreadOf } from "../../../bench/library/spread.js";
import type { Racer } from "../../../src/measure/race.js";
import { speedup } from "../../../src/measure/speedup.js";
import type { CompleteParams } from "../../../src/protocol/messages.js";
import { completion } from "../cli/scriptedEngine.js";
import { unitTokenizer } from "../text/fixtureTokenizer.js";

const RACERS: Racer[] = [
  { name: "ar", decoder: "ar", block: "auto" },
  { name: "deer:4", decoder: "deer", block: 4 },
  { name: "deer:8", decoder: "deer", block: 8 },
  { name: "deer:auto", decoder: "deer", block: "auto" },
];
const PROMPT = { place: "0 a.py:1", file: "a.py", context: 64, temperature: 0, prefix: "p", suffix: "s", maxTokens: 24, seed: 3 };
const running = new AbortController().signal;

describe("a speed trial", () => {
  it("runs the reference once and every racer in every round, not always in the same order", async () => {
    const asked: string[] = [];
    const complete = async ({ decoder, block }: Omit<CompleteParams, "requestId">) => {
      asked.push(`${decoder}:${block}`);
      return completion({ tokenIds: decoder === "deer" && block === 8 ? [1, 2] : [1, 1] });
    };
    const row = await speedTrial({ complete }, RACERS, PROMPT, 6, running);
    assert.equal(asked[0], "arPadded:auto");
    const rounds = Array.from({ length: 6 }, (_, round) => asked.slice(1 + 4 * round, 5 + 4 * round));
    for (const round of rounds) assert.equal(new Set(round).size, 4);
    assert.ok(new Set(rounds.map((round) => round.join())).size > 1);
    assert.deepEqual(
      row?.runs["deer:8"].map(({ isReference }) => isReference),
      Array(6).fill(false),
    );
    assert.deepEqual(
      row?.runs["deer:4"].map(({ isReference }) => isReference),
      Array(6).fill(true),
    );
  });

  it("has no reference when sampling, and no row when it was cancelled", async () => {
    const asked: string[] = [];
    const complete = async ({ decoder }: Omit<CompleteParams, "requestId">) => {
      asked.push(decoder);
      return completion({});
    };
    const row = await speedTrial({ complete }, RACERS, { ...PROMPT, temperature: 0.6 }, 1, running);
    assert.ok(!asked.includes("arPadded") && row?.referenceTokens === undefined);
    const cancelled = async () => completion({ outcome: "cancelled" as const });
    assert.equal(await speedTrial({ complete: cancelled }, RACERS, PROMPT, 1, running), undefined);
  });
});

describe("the summary of speeds", () => {
  const run = (tokensPerSecond: number, changes: Partial<SpeedRun> = {}): SpeedRun => ({
    tokens: 20, tokensPerSecond, blocks: [10, 10], drafts: [9, 9], stages: { draftMs: 20, verifyMs: 40, otherMs: 10 }, isReference: true, ...changes,
  }); // prettier-ignore
  const row = (file: string, runs: Record<string, SpeedRun[]>): SpeedRow => ({
    place: file, file, context: 64, temperature: 0, referenceTokens: 20, runs, texts: {},
  }); // prettier-ignore
  const rows = [
    row("a", { ar: [run(100), run(300), run(110)], "deer:4": [run(220)], "deer:8": [run(330)], "deer:auto": [run(165)] }),
    row("b", { ar: [run(100)], "deer:4": [run(300)], "deer:8": [run(200)], "deer:auto": [run(300, { isReference: false })] }),
    row("c", { ar: [run(100)], "deer:4": [run(100)], "deer:8": [run(100)], "deer:auto": [run(900, { tokens: 3 })] }),
  ];
  const group = summarizeSpeed(RACERS, rows);
  const of = (name: string) => group.racers.find(({ racer }) => racer === name);

  it("takes ratios prompt by prompt, of the medians of the rounds, and leaves out prompts too short to time", () => {
    assert.deepEqual([group.prompts, group.shortPrompts, group.referenceTokens], [3, 1, 60]);
    assert.deepEqual([of("deer:4")?.ratio?.min, of("deer:4")?.ratio?.max, of("deer:4")?.ratio?.median], [2, 3, 2.5]);
    assert.equal(of("ar")?.ratio?.median, 1);
  });

  it("names the speed-up that every other screen names", () => {
    const speeds = (runs: readonly SpeedRun[] = []): number[] => runs.map(({ tokensPerSecond }) => tokensPerSecond);
    const timed = rows.slice(0, 2).map(({ runs }) => ({ plain: speeds(runs.ar), drafted: speeds(runs["deer:8"]) }));
    assert.equal(of("deer:8")?.ratio?.median, speedup(timed));
  });

  it("counts prompts that differ from the reference", () => {
    assert.deepEqual(
      group.racers.map(({ promptsThatDiffer }) => promptsThatDiffer),
      [0, 0, 0, 1],
    );
  });

  it("compares the length the engine chose with the best of each prompt", () => {
    assert.deepEqual(group.hindsight?.bestByPrompt, { "deer:4": 1, "deer:8": 1 });
    assert.deepEqual([group.hindsight?.ratio.min, group.hindsight?.ratio.max], [0.5, 1]);
  });

  it("says what a verify gives and where a token's time goes", () => {
    assert.deepEqual(of("deer:4")?.verifiesByTokens, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6]);
    assert.deepEqual([of("deer:4")?.tokensPerVerify, of("deer:4")?.meanDraft], [10, 9]);
    assert.deepEqual(of("deer:4")?.stages, { draft: 1, verify: 2, other: 0.5 });
  });
});

describe("places for prompts", () => {
  const lineOf = (index: number): string => `def function_${index}(value):\n    return value + ${index}\n`;
  const long = Array.from({ length: 80 }, (_, index) => lineOf(index)).join("");
  const files = [
    { file: "long.py", text: long },
    { file: "short.py", text: lineOf(1) },
  ];

  it("have as much around them as was asked for, begin at lines, and follow the seed", () => {
    const places = drawPlaces(files, unitTokenizer, 5, 64, 1);
    assert.equal(new Set(places.map(({ offset }) => offset)).size, 5);
    for (const place of places) {
      assert.equal(long[place.offset - 1], "\n");
      const { prefix, suffix } = contextOf(place, unitTokenizer, 64);
      assert.ok(long.slice(0, place.offset).endsWith(prefix) && long.slice(place.offset).startsWith(suffix));
      assert.equal(prefix.length + suffix.length, 64);
      assert.ok(prefix.length > suffix.length && suffix.length > 0);
    }
    assert.deepEqual(drawPlaces(files, unitTokenizer, 5, 64, 1), places);
    assert.notDeepEqual(drawPlaces(files, unitTokenizer, 5, 64, 2), places);
  });

  it("are refused where there are too few", () => {
    assert.throws(() => drawPlaces([files[1]], unitTokenizer, 2, 64, 1), /0 places with 64 tokens around them, not 2/);
  });
});

describe("spreads", () => {
  it("hold median, range, and an interval that draws groups", () => {
    const items = [1, 2, 3, 4, 5].map((value) => ({ value, group: String(value) }));
    const spread = spreadOf(
      items,
      ({ group }) => group,
      ({ value }) => value,
    );
    assert.deepEqual([spread?.median, spread?.min, spread?.max, spread?.count], [3, 1, 5, 5]);
    assert.ok(spread !== undefined && spread.interval.low < 3 && spread.interval.high > 3);
    assert.deepEqual(
      spreadOf(
        items,
        () => "",
        ({ value }) => value,
      )?.interval,
      { low: 3, high: 3 },
    );
    assert.equal(
      spreadOf(
        [],
        () => "",
        () => 0,
      ),
      undefined,
    );
  });

  it("take quantiles between neighbours", () => {
    assert.deepEqual([quantile([1, 2, 3, 4], 0.5), quantile([5, 1], 0.25), median([7])], [2.5, 2, 7]);
  });
});

describe("the pass-time curve", () => {
  it("is of medians, against the pass over one token", () => {
    const curve = passCurve(64, [
      { tokens: 1, verifyMs: [2, 9, 2], draftMs: [1, 1, 1] },
      { tokens: 8, verifyMs: [3, 3, 8], draftMs: [2, 4, 2] },
    ]);
    assert.deepEqual(
      curve.map(({ verifyRatio, draftMs }) => [verifyRatio, draftMs]),
      [
        [1, 1],
        [1.5, 2],
      ],
    );
  });
});
