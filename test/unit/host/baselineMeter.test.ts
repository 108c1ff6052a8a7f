import assert from "node:assert/strict";
import { BaselineMeter } from "../../../src/host/baselineMeter.js";
import { SpeedRecord } from "../../../src/host/speedRecord.js";
import type { CompleteResult } from "../../../src/protocol/messages.js";

const place = { uri: "file:///a.py", prefix: "x = ", suffix: "" };

function setUp(isWanted = true) {
  const record = new SpeedRecord();
  const decoded: string[] = [];
  const meter = new BaselineMeter({
    record,
    quietMs: 20,
    isWanted: () => isWanted,
    decode: async (_place, decoder, _maxTokens, signal) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      if (!signal.aborted) decoded.push(decoder);
      return { outcome: signal.aborted ? "cancelled" : "done", tokensPerSecond: decoder === "ar" ? 50 : 100 } as CompleteResult;
    },
  });
  const complete = (count: number, tokens = 10): void => {
    for (let index = 0; index < count; index += 1) meter.completed(place, { tokens });
  };
  return { meter, record, decoded, complete };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** However slow the machine is. */
async function until(holds: () => boolean): Promise<void> {
  for (let waits = 0; waits < 400 && !holds(); waits += 1) await pause(10);
}

describe("the meter of the baseline", () => {
  it("decodes a place with drafts and without, when nothing was typed for a while", async () => {
    const { meter, record, decoded, complete } = setUp();
    complete(4);
    await until(() => record.speeds.pairs === 1);
    assert.deepEqual(decoded.toSorted(), ["ar", "deer"]);
    assert.equal(record.speeds.pairs, 1);
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
    const { meter, record, complete } = setUp();
    complete(4);
    await pause(28);
    meter.activity();
    assert.equal(record.speeds.pairs, 0);
    await until(() => record.speeds.pairs === 1);
    assert.equal(record.speeds.pairs, 1);
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
