import assert from "node:assert/strict";
import { createRandom } from "../../../../src/base/random.js";
import { payingLength, SureDrafter, type SureModel } from "../../../../src/decode/draft/sureDraft.js";
import { layoutOf } from "../../../../src/decode/sequence.js";

/** Verifies that cost as on a machine where twice the tokens take half as long again. */
const COSTS = [
  { draftTokens: 0, draftMs: 0, verifyMs: 10 },
  { draftTokens: 3, draftMs: 1, verifyMs: 10 },
  { draftTokens: 7, draftMs: 1, verifyMs: 15 },
  { draftTokens: 11, draftMs: 1, verifyMs: 22 },
];
const sure = (length: number, certainty = 0.99): number[] => new Array<number>(length).fill(certainty);

describe("payingLength", () => {
  it("verifies all of a draft that is sure, and the free part of one that is not", () => {
    assert.equal(payingLength(sure(11), COSTS), 11);
    assert.equal(payingLength(sure(11, 0.3), COSTS), 3);
  });

  it("stops where certainty ends", () => {
    assert.equal(payingLength([...sure(7), ...sure(4, 0.1)], COSTS), 7);
    assert.equal(payingLength([...sure(3), ...sure(8, 0.1)], COSTS), 3);
  });

  it("goes by what verifies cost here", () => {
    const dear = COSTS.map((cost) => ({ ...cost, verifyMs: 10 * (1 + cost.draftTokens) }));
    assert.equal(payingLength(sure(11), dear), 3);
    const flat = COSTS.map((cost) => ({ ...cost, verifyMs: 10 }));
    assert.equal(payingLength(sure(11, 0.3), flat), 11);
  });

  it("keeps a draft whole that is shorter than every length that was timed, and nothing of no draft", () => {
    assert.equal(payingLength(sure(2, 0.01), COSTS), 2);
    assert.equal(payingLength([], COSTS), 0);
  });
});

describe("SureDrafter", () => {
  const tokens = [5, 6, 7, 8, 9, 10, 11];
  const model: SureModel = {
    propose: (_, length) =>
      Promise.resolve({ tokens: tokens.slice(0, length), proposals: undefined, certainties: [...sure(3), ...sure(length - 3, 0.1)] }),
  };
  const rule = { rule: { temperature: 0, topP: 1 }, random: createRandom(1), mayRead: false };
  const sequence = { layout: layoutOf([1, 2]), written: [] };

  it("proposes of a draft what pays", async () => {
    assert.deepEqual((await new SureDrafter(model, rule, () => COSTS).draft(sequence, 7)).tokens, [5, 6, 7]);
  });

  it("proposes all of it where a length was asked for", async () => {
    assert.deepEqual((await new SureDrafter(model, rule).draft(sequence, 7)).tokens, tokens);
  });
});
