import assert from "node:assert/strict";
import type { Pair } from "../../../../src/engine/models/pair.js";
import { promptOf } from "../../../../src/engine/serve/prompt.js";
import { promptTokensFor } from "../../../../src/engine/serve/promptTokens.js";

const large = { parameters: 1.5e9, contextTokens: 32_768 };
const perSecond = (tokens: number): number => tokens / 1000;

describe("how long a prompt may be", () => {
  it("is what can be read in a second", () => {
    assert.equal(promptTokensFor(large, perSecond(1024)), 1024);
    assert.equal(promptTokensFor(large, perSecond(2048)), 2048);
  });

  it("is a whole number of steps, so that speeds that are nearly the same give the same", () => {
    for (const speed of [1030, 1060, 1100]) assert.equal(promptTokensFor(large, perSecond(speed)), 1024);
  });

  it("is never below 384 tokens nor above 4096, nor above half of what the model sees", () => {
    for (const speed of [0, 1, 90, 341]) assert.equal(promptTokensFor(large, perSecond(speed)), 384);
    for (const speed of [4096, 1e6, Infinity]) assert.equal(promptTokensFor(large, perSecond(speed)), 4096);
    assert.equal(promptTokensFor({ ...large, contextTokens: 4096 }, Infinity), 2048);
    assert.equal(promptTokensFor({ ...large, contextTokens: 600 }, Infinity), 384);
  });

  it("is 1024 tokens until the speed is known", () => {
    assert.equal(promptTokensFor(large), 1024);
  });

  it("is never below 1024 tokens for a model of a few million parameters, whatever was measured", () => {
    const small = { parameters: 10e6, contextTokens: 2048 };
    for (const tokensPerMs of [undefined, 0, perSecond(100), perSecond(1000), perSecond(20_000), Infinity]) {
      assert.equal(promptTokensFor(small, tokensPerMs), 1024);
    }
  });
});

describe("the prompt of a request", () => {
  /** How many tokens `promptOf` allows for a prompt. */
  const budgetWith = (entry: { parameters: number; contextTokens: number }, readTokensPerMs: number | undefined, maxTokens: number): number => {
    let budget = NaN;
    const format = { layOut: (_: unknown, { promptTokens }: { promptTokens: number }) => ((budget = promptTokens), {}) };
    const pair = { verifier: { entry, format }, diffuser: undefined, calibration: { readTokensPerMs } } as unknown as Pair;
    promptOf(pair, { prefix: "", suffix: "", maxTokens });
    return budget;
  };

  it("is as long as the verifier's reading speed allows", () => {
    assert.deepEqual([undefined, 0.1, 1.024, 9].map((speed) => budgetWith(large, speed, 64)), [1024, 384, 1024, 4096]); // prettier-ignore
  });

  it("leaves room in the model's window for what is to be written", () => {
    assert.equal(budgetWith({ parameters: 1e9, contextTokens: 700 }, 9, 340), 359);
    assert.throws(() => budgetWith({ parameters: 1e9, contextTokens: 700 }, 9, 690), { code: "badRequest" });
  });
});
