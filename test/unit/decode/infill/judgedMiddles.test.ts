import assert from "node:assert/strict";
import { createRandom } from "../../../../src/base/random.js";
import { infillGreedily } from "../../../../src/decode/infill/greedyMiddle.js";
import type { InfillDecoder, InfillOutcome, InfillTask } from "../../../../src/decode/infill/infillTask.js";
import { rankMiddles, type Judge } from "../../../../src/decode/infill/judgedMiddles.js";
import { leastTokens, RuledVerifier } from "../../../../src/decode/ruledVerifier.js";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { ScriptedVerifier } from "../scriptedVerifier.js";

const VOCAB = 12;
const END = 0;
const CONTEXT = [5, 6];

/** Says `text`, then the end; never likes an early end, but says 7 where the end is denied. */
const saying = (text: readonly number[]): ScriptedVerifier =>
  new ScriptedVerifier(
    VOCAB,
    (sequence) => {
      const wanted = text[sequence.length - CONTEXT.length] ?? END;
      return Array.from({ length: VOCAB }, (_, id) => (id === wanted ? 5 : id === 7 ? 1 : 0));
    },
    END,
  );

function task(changes: Partial<InfillTask> = {}): InfillTask {
  const tails = { tail: [], flexibleTail: [], forbidden: [END] };
  return { layout: layoutOf(CONTEXT), ...tails, minTokens: 1, maxTokens: 8, rule: { temperature: 0, topP: 1 }, random: createRandom(1), ...changes };
}

async function outcomeOf(decoder: InfillDecoder): Promise<{ outcome: InfillOutcome; canvases: number[][] }> {
  const canvases: number[][] = [];
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { outcome: step.value, canvases };
    canvases.push(step.value.slots.map(({ token }) => token ?? NaN));
  }
}

describe("rankMiddles", () => {
  it("ranks each middle once, best first, and leaves out those far behind", async () => {
    const judge: Judge = { score: (middles) => Promise.resolve(middles.map(([first]) => -first * 10)), ownMiddles: () => Promise.resolve([]) };
    const ranked = await rankMiddles([[2], [1], [2], [3]], judge);
    assert.deepEqual(ranked, [
      { tokens: [1], score: -10 },
      { tokens: [2], score: -20 },
    ]);
  });

  it("does not judge one that is alone", async () => {
    const judge: Judge = { score: () => assert.fail("judged"), ownMiddles: () => Promise.resolve([]) };
    assert.deepEqual(await rankMiddles([[4], [4]], judge), [{ tokens: [4], score: undefined }]);
  });
});

describe("infillGreedily", () => {
  it("writes the verifier's text from the left, as far as it ends it", async () => {
    const { outcome, canvases } = await outcomeOf(infillGreedily(saying([3, 4, 8]), task()));
    assert.deepEqual(outcome.tokens, [3, 4, 8]);
    assert.deepEqual(canvases.at(-1), [3, 4, 8]);
    assert.ok(canvases.every((canvas) => canvas.every((token, slot) => token === outcome.tokens[slot])));
  });

  it("keeps to the fewest and the most tokens", async () => {
    assert.deepEqual((await outcomeOf(infillGreedily(saying([3]), task({ minTokens: 3 })))).outcome.tokens, [3, 7, 7]);
    assert.deepEqual((await outcomeOf(infillGreedily(saying([3, 4, 8, 9]), task({ maxTokens: 2 })))).outcome.tokens, [3, 4]);
  });
});

describe("RuledVerifier", () => {
  it("denies the end to rows that come too soon, and to no others", async () => {
    const verifier = new RuledVerifier(saying([]), leastTokens(2));
    const logits = await verifier.next({ layout: layoutOf(CONTEXT), written: [7, 7, 7] }, 4);
    assert.deepEqual(
      [0, 1, 2, 3].map((row) => logits[row * VOCAB + END]),
      [-Infinity, -Infinity, 5, 5],
    );
  });

  it("leaves the tokens to those that a text may begin with, until it has begun", async () => {
    const verifier = new RuledVerifier(saying([]), { begins: ({ length }) => (length === 0 ? [7, END] : undefined) });
    const logits = await verifier.next({ layout: layoutOf(CONTEXT), written: [7] }, 2);
    const open = (row: number): number[] => [...Array(VOCAB).keys()].filter((token) => logits[row * VOCAB + token] > -Infinity);
    assert.deepEqual(
      open(0),
      [7, END].sort((a, b) => a - b),
    );
    assert.equal(open(1).length, VOCAB);
  });

  it("never writes what it must not", async () => {
    const logits = await new RuledVerifier(saying([]), { never: [3] }).next({ layout: layoutOf(CONTEXT), written: [] }, 1);
    assert.equal(logits[3], -Infinity);
  });
});
