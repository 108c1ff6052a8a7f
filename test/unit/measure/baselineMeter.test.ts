import assert from "node:assert/strict";
import { BaselineMeter } from "../../../src/measure/baselineMeter.js";
import { SpeedRecord } from "../../../src/measure/speedRecord.js";
import type { CompleteResult } from "../../../src/protocol/messages.js";

const place = { uri: "file:///a.py", prefix: "x = ", suffix: "" };

function setUp(isWanted = true) {
  const record = new SpeedRecord();
  const [started, decoded]: [string[], string[]] = [[], []];
  const meter = new BaselineMeter({
    record,
    quietMs: 20,
    isWanted: () => isWanted,
    newAbort: () => new AbortController(),
    after: (ms, job) => {
      const timer = setTimeout(job, ms);
      return () => clearTimeout(timer);
    },
    decode: async (_place, decoder, _maxTokens, signal) => {
      started.push(decoder);
      await pause(15);
      if (!signal.aborted) decoded.push(decoder);
      return {
        outcome: signal.aborted ? "cancelled" : "done",
        tokensPerSecond: decoder === "ar" ? 50 : 100,
        blocks: [],
      } as unknown as CompleteResult;
    },
  });
  const complete = (count: number, tokens = 10): void => {
    for (let index = 0; index < count; index += 1) meter.completed(place, { tokens });
  };
  return { meter, record, started, decoded, complete };
}

/** Waits for what a slow machine does later. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 8000; !condition() && performance.now() < end;) await pause(5);
  assert.ok(condition());
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the meter of the baseline", () => {
  it("decodes a place with drafts and without, when nothing was typed for a while", async () => {
    const { meter, record, decoded, complete } = setUp();
    complete(4);
    await until(() => record.speeds.pairs === 1);
    assert.deepEqual(decoded.toSorted(), ["ar", "deer"]);
    meter.dispose();
  });

  it("lets each of the two go first as often as the other", async () => {
    const { meter, record, started, complete } = setUp();
    for (let pairs = 1; pairs <= 4; pairs += 1) {
      complete(4);
      await until(() => record.speeds.pairs === pairs);
    }
    assert.deepEqual(started, ["deer", "ar", "ar", "deer", "deer", "ar", "ar", "deer"]);
    meter.dispose();
  });

  it("measures few of the suggestions, and none of a few tokens", async () => {
    const { meter, decoded, complete } = setUp();
    complete(3);
    complete(10, 1);
    await pause(80);
    assert.deepEqual(decoded, []);
    meter.dispose();
  });

  it("ends a measurement when somebody types, and makes it when they rest", async () => {
    const { meter, record, started, decoded, complete } = setUp();
    complete(4);
    await until(() => started.length === 1);
    meter.activity();
    assert.deepEqual(decoded, []);
    await until(() => record.speeds.pairs === 1);
    assert.ok(started.length > 2, "nothing was ended");
    meter.dispose();
  });

  it("measures nothing when it is not wanted", async () => {
    const { meter, decoded, complete } = setUp(false);
    complete(8);
    await pause(80);
    assert.deepEqual(decoded, []);
    meter.dispose();
  });
});
