import assert from "node:assert/strict";
import { benchmarkOffsets, benchmarkSummary } from "../../../src/view/benchmarkPlan.js";
import { SafeDevice } from "../../../src/client/safeDevice.js";

function setUp(version = "1.0.0", values = new Map<string, unknown>()) {
  const memory = { get: (key: string) => values.get(key), update: async (key: string, value: unknown) => void values.set(key, value) };
  return { device: new SafeDevice(memory, version), values };
}

describe("the device", () => {
  it("is the one that the settings say", () => {
    const { device } = setUp();
    assert.equal(device.choose("auto"), "auto");
    assert.equal(device.choose("webgpu"), "webgpu");
  });

  it("stays the processor once an engine died on an accelerator, in the next window too", () => {
    const { device, values } = setUp();
    assert.equal(device.died("webgpu"), true);
    assert.equal(device.choose("auto"), "cpu");
    assert.equal(setUp("1.0.0", values).device.choose("auto"), "cpu");
  });

  it("stays the processor once an engine died before it had chosen", () => {
    const { device } = setUp();
    device.died(undefined);
    assert.equal(device.choose("auto"), "cpu");
  });

  it("is tried again when a person restarts it, when another version comes, and when it was the processor that died", () => {
    const { device, values } = setUp();
    device.died("webgpu");
    assert.equal(setUp("1.0.1", values).device.choose("auto"), "auto");
    device.forget();
    assert.equal(device.choose("auto"), "auto");
    assert.equal(device.died("cpu"), false);
    assert.equal(device.choose("auto"), "auto");
  });

  it("that a person chose is not taken from them", () => {
    const { device } = setUp();
    device.died("cuda");
    assert.equal(device.choose("cuda"), "cuda");
  });
});

describe("a benchmark", () => {
  const text = Array.from({ length: 100 }, (_, index) => (index % 5 === 0 ? "" : `value${index} = ${index}`)).join("\n");

  it("takes places at the ends of lines, all over a text", () => {
    const offsets = benchmarkOffsets(text, 8);
    assert.equal(offsets.length, 8);
    for (const offset of offsets) assert.match(text.slice(offset - 1, offset + 1), /\d\n/);
    assert.ok(offsets.at(-1)! > text.length / 2);
  });

  it("takes none in a short text", () => {
    assert.deepEqual(benchmarkOffsets("a = 1\nb = 2\n", 8), []);
  });

  const at = (ar: number, deer: number, plainDiffersFrom: number | null = null, lossless = true): Parameters<typeof benchmarkSummary>[0][number] => {
    const racer = (tokensPerSecond: number) => ({ tokensPerSecond, range: [0, 0] as const, tokens: 9, verifies: 3, text: "" });
    const drafts = { meanAccepted: 3, draftedTokens: 9, acceptedDraftTokens: 6, blocks: [3, 3, 3] };
    return { ar: racer(ar), deer: { ...racer(deer), ...drafts }, lossless, compared: 1, plainDiffersFrom };
  };

  it("says the speed-up, the speeds it is made of, and what they were measured over", () => {
    const summary = benchmarkSummary([at(10, 20), at(10, 30), at(10, 25)]);
    assert.match(summary, /2\.5x as fast as decoding one token a pass: 25 tokens\/s against 10 while writing, medians over 3 places/);
    assert.match(summary, /at all 3 prompts.*One-token decoding wrote the same texts\./);
  });

  it("says at how many places one-token decoding wrote another text, and where drafts changed one", () => {
    assert.match(benchmarkSummary([at(10, 20), at(10, 30, 4)]), /at all 2 prompts.*another text at 1 of 2 prompts/);
    assert.match(benchmarkSummary([at(10, 20), at(10, 30, null, false)]), /not at 1 of 2 prompts.*please report/);
  });

  it("says so when nothing could be measured", () => {
    assert.match(benchmarkSummary([]), /too little/);
  });
});
