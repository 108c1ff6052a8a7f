import assert from "node:assert/strict";
import { draftRacersOf, summarizeDrafts } from "../../../bench/peers/draftRows.js";
import { GreedyText } from "../../../bench/peers/greedyText.js";
import { packagesFor } from "../../../bench/peers/llamaPackage.js";
import type { Peer } from "../../../bench/peers/peerCalls.js";
import type { PeerModel, WrittenText } from "../../../bench/peers/peerModel.js";
import { inTurn, measureSpeed, roundTimes, stepCount, type SpeedPlan } from "../../../bench/peers/peerSpeed.js";
import { memoryOf } from "../../../bench/peers/processMemory.js";
import { inOrder, rowPrompt } from "../../../bench/peers/rowPrompt.js";
import type { PromptFormatData } from "../../../src/protocol/manifest.js";
import { unitTokenizer } from "../text/fixtureTokenizer.js";

const END = 0;
const running = new AbortController().signal;

/** After a token comes the one above it; after 9 the end. Notes its passes as `past:tokens`. */
function countingModel(passes: string[], promptPassTokens = 4): PeerModel {
  let last = 0;
  return {
    about: {},
    promptPassTokens,
    pass(tokens, past, rows) {
      passes.push(`${past}:${tokens.join()}${rows === 1 ? "" : ` all ${rows}`}`);
      last = tokens[tokens.length - 1];
      return Promise.resolve();
    },
    likeliest: () => Promise.resolve(last >= 9 ? END : last + 1),
  };
}

describe("a greedy text of a peer", () => {
  it("ends at an end, which is no part of it, or when it is long enough", async () => {
    const text = new GreedyText(countingModel([]));
    assert.deepEqual(await text.write([5, 6], new Set([END]), 64), { tokens: [7, 8, 9], hasEnded: true, passes: 4 });
    assert.deepEqual(await text.write([5, 6], new Set([END]), 2), { tokens: [7, 8], hasEnded: false, passes: 2 });
  });

  it("asks for no more passes than tokens, and reads prompts in passes of the engine's length", async () => {
    const passes: string[] = [];
    await new GreedyText(countingModel(passes)).write([1, 1, 1, 1, 1, 2], new Set([END]), 3);
    assert.deepEqual(passes, ["0:1,1,1,1", "4:1,2", "6:3", "7:4"]);
  });

  it("reads only what the last text did not have, but always the last token", async () => {
    const passes: string[] = [];
    const text = new GreedyText(countingModel(passes));
    await text.write([1, 2, 3], new Set(), 2);
    passes.length = 0;
    await text.write([1, 2, 3, 4, 7], new Set(), 1);
    await text.write([1, 2, 3], new Set(), 1);
    await text.write([1, 5, 3], new Set(), 1);
    assert.deepEqual(passes, ["4:7", "2:3", "1:5,3"]);
  });

  it("forgets what a pass wrote over, and everything when it reads anew", async () => {
    const passes: string[] = [];
    const text = new GreedyText(countingModel(passes));
    await text.write([1, 2, 3], new Set(), 1);
    await text.pass([8, 9], 1);
    await text.write([1, 2, 3], new Set(), 1);
    await text.readAnew([1, 2, 3]);
    assert.deepEqual(passes, ["0:1,2,3", "1:8,9 all 2", "1:2,3", "0:1,2,3"]);
  });
});

describe("the speed of peers", () => {
  const plan: SpeedPlan = { promptTokens: 6, widths: [1, 2], writeTokens: 3, rounds: 2 };

  /** Takes one millisecond more at each call, so that every time is of one call alone. */
  function countedPeer(name: string, asked: string[]): Peer {
    let ms = 0;
    const ask = (call: string, params: object): Promise<unknown> => {
      ms += 1;
      asked.push(`${name} ${call}${"maxTokens" in params ? ` ${params.maxTokens}` : ""}`);
      return Promise.resolve({ value: undefined, ms });
    };
    return { ask } as Peer;
  }

  it("is measured in turns, who begins changing, and the first round is left out", async () => {
    const asked: string[] = [];
    let rests = 0;
    let steps = 0;
    const rest = async (): Promise<void> => void (rests += 1);
    const peers = { a: countedPeer("a", asked), b: countedPeer("b", asked) };
    const times = await measureSpeed(peers, plan, running, rest, () => (steps += 1));
    const round = asked.length / 3;
    assert.deepEqual(asked.slice(0, 6), ["a readAnew", "b readAnew", "a pass", "a pass", "b pass", "b pass"]);
    assert.deepEqual(asked.slice(round, round + 2), ["b readAnew", "a readAnew"]);
    assert.deepEqual(asked.slice(-4), ["a write 1", "a write 3", "b write 1", "b write 3"]);
    assert.equal(steps, stepCount(plan, 2));
    assert.equal(rests, steps);
    // Seven calls of each a round: the read, and for three measures an untimed call before the timed one.
    assert.deepEqual(times?.a.read.roundsMs, [8, 15]);
    assert.deepEqual(times?.b.passes["2"].roundsMs, [12, 19]);
    assert.deepEqual(times?.a.write.roundsMs, [14, 21]);
  });

  it("is nothing when Ctrl-C comes", async () => {
    const controller = new AbortController();
    const advance = (): void => controller.abort();
    assert.equal(await measureSpeed({ a: countedPeer("a", []) }, plan, controller.signal, () => Promise.resolve(), advance), undefined);
  });

  it("is told by the best and the median round", () => {
    assert.deepEqual(roundTimes([3, 1.00049, 2]), { bestMs: 1, medianMs: 2, roundsMs: [3, 1, 2] });
    assert.deepEqual(
      [0, 1, 2].map((round) => inTurn(["a", "b"], round)[0]),
      ["a", "b", "a"],
    );
  });
});

describe("drafts of peers", () => {
  const run = (tokens: number, ms: number, drafted = 0, accepted = 0): WrittenText => {
    return { tokens: Array.from({ length: tokens }, (_, index) => index), ms, drafted, accepted };
  };

  it("are summed up over the places where all wrote enough, against both plain ones at the same place", () => {
    const racers = draftRacersOf(["lacuna"]);
    assert.deepEqual(racers, ["lacuna", "lacuna drafts"]);
    const rows = [
      { place: "0", file: "a", runs: { lacuna: run(20, 200), "lacuna drafts": run(20, 100, 12, 10) } },
      { place: "1", file: "b", runs: { lacuna: run(40, 400), "lacuna drafts": run(30, 300, 8, 0) } },
      // Too short to be timed, and counted all the same.
      { place: "2", file: "b", runs: { lacuna: run(3, 900), "lacuna drafts": run(20, 1, 0, 0) } },
    ];
    const { summaries, ratios, sameText } = summarizeDrafts(racers, rows);
    assert.deepEqual(
      summaries.map(({ msPerToken, acceptedShare }) => [msPerToken?.median, msPerToken?.count, acceptedShare]),
      [
        [10, 2, undefined],
        [7.5, 2, 0.5],
      ],
    );
    assert.deepEqual(
      ratios.map(({ racer, over, ratio }) => [racer, over, ratio?.median]),
      [["lacuna drafts", "lacuna", 1.5]],
    );
    assert.deepEqual(sameText, { lacuna: 1 / 3 });
  });
});

describe("the memory of a peer", () => {
  it("is what the system says of the process, in whole megabytes", () => {
    const status = "Name:\tnode\nVmHWM:\t 3145728 kB\nVmRSS:\t 2097152 kB\nRssAnon:\t 1048576 kB\nRssFile:\t 1048576 kB\n";
    assert.deepEqual(memoryOf(status), { residentMB: 2048, ownMB: 1024, peakMB: 3072 });
  });
});

describe("the package of llama.cpp", () => {
  it("comes with the one binary for the processor of this machine, both of the pinned version", () => {
    const [engine, binary] = packagesFor("linux", "x64");
    assert.match(engine, /^node-llama-cpp@\d+\.\d+\.\d+$/);
    assert.equal(binary, `@node-llama-cpp/linux-x64@${engine.split("@")[1]}`);
    assert.throws(() => packagesFor("aix", "ppc64"), /not built for aix on ppc64/);
  });
});

describe("the prompt of a row", () => {
  const data: PromptFormatData = { order: "suffixFirst", start: [], suffix: [1000, 1001], prefix: [1002], middle: [], related: { form: "comment" } };
  const row = { task_id: "t", entry_point: "f", prompt: "ab", suffix: "cd", canonical_solution: "", test: "" };
  const ids = (text: string): number[] => unitTokenizer.encode(text);

  it("is what the engine reads, in either order", () => {
    assert.deepEqual(rowPrompt(data, unitTokenizer, row), [1000, 1001, ...ids("cd"), 1002, ...ids("ab")]);
    assert.deepEqual(rowPrompt(inOrder(data, "prefixFirst"), unitTokenizer, row), [1000, ...ids("ab"), 1001, ...ids("cd"), 1002]);
  });

  it("can be turned round and back, where the markers are such", () => {
    assert.deepEqual(inOrder(inOrder(data, "prefixFirst"), "suffixFirst"), data);
    assert.equal(inOrder(data, "suffixFirst"), data);
    assert.throws(() => inOrder({ ...data, suffix: [7] }, "prefixFirst"), /cannot be put prefixFirst/);
  });
});
