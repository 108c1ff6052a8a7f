import assert from "node:assert/strict";
import { decodeAutoregressively, type Completion } from "../../../src/decode/autoregressive.js";
import { createRandom } from "../../../src/base/random.js";
import { layoutOf } from "../../../src/decode/sequence.js";
import type { SamplingRule } from "../../../src/decode/sample.js";
import { hashedLogits, ScriptedVerifier } from "./scriptedVerifier.js";

const EOS = 0;
const GREEDY: SamplingRule = { temperature: 0, topP: 1 };

/** Counts up from the length of the sequence; ends the text when it is `end` long. */
function counting(end: number): ScriptedVerifier {
  const wanted = (length: number): number => (length === end ? EOS : length);
  return new ScriptedVerifier(32, ({ length }) => Array.from({ length: 32 }, (_, id) => (id === wanted(length) ? 1 : 0)), EOS);
}

interface Run {
  readonly completion: Completion;
  readonly yields: number;
}

async function decode(verifier: ScriptedVerifier, maxTokens: number, rule: SamplingRule, seed = 0): Promise<Run> {
  const decoder = decodeAutoregressively(verifier, layoutOf([9, 9]), { maxTokens, rule, random: createRandom(seed) });
  for (let yields = 0; ; yields += 1) {
    const step = await decoder.next();
    if (step.done === true) return { completion: step.value, yields };
    assert.equal(step.value.length, 1);
  }
}

describe("decodeAutoregressively", () => {
  it("gives one token a pass and stops at the end of text, which is not part of it", async () => {
    const verifier = counting(5);
    const { completion, yields } = await decode(verifier, 20, GREEDY);
    assert.deepEqual(completion, { tokens: [2, 3, 4], blocks: [1, 1, 1, 0], drafts: [0, 0, 0, 0], drafted: 0, accepted: 0 });
    assert.deepEqual([verifier.passes, yields], [4, 3]);
  });

  it("runs no pass beyond the tokens wanted", async () => {
    const verifier = counting(30);
    assert.deepEqual((await decode(verifier, 4, GREEDY)).completion.tokens, [2, 3, 4, 5]);
    assert.equal(verifier.passes, 4);
    assert.deepEqual((await decode(counting(30), 0, GREEDY)).completion.tokens, []);
  });

  it("writes the same text for the same seed and others for others", async () => {
    const rule: SamplingRule = { temperature: 1, topP: 0.95 };
    const text = async (seed: number): Promise<string> => {
      const verifier = new ScriptedVerifier(16, hashedLogits(4, 16, 9), EOS);
      return (await decode(verifier, 12, rule, seed)).completion.tokens.join(" ");
    };
    assert.equal(await text(3), await text(3));
    const texts = await Promise.all(Array.from({ length: 20 }, (_, seed) => text(seed)));
    assert.ok(new Set(texts).size > 10);
  });
});
