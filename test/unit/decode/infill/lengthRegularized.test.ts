import assert from "node:assert/strict";
import fc from "fast-check";
import type { InfillOutcome, InfillStep, InfillTask } from "../../../../src/decode/infill/infillTask.js";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { infillLengthRegularized } from "../../../../src/decode/infill/lengthRegularized.js";
import { createRandom } from "../../../../src/base/random.js";
import { rowOfConfidence, ScriptedDiffuser } from "../scriptedDiffuser.js";

const VOCAB = 64;
const PROMPT = [40, 41];
const TAIL = [2, 50];
const SPECIAL = [0, 1, 2, 3];

/** All slots of a canvas as sure as `confidence` says; the left-most slot wants 10, 11, 12, ... one after another. */
function diffuserOf(confidence: (length: number, committed: number) => number, maxSlots = 64): ScriptedDiffuser {
  return new ScriptedDiffuser(VOCAB, maxSlots, (context, length, slot) => {
    const committed = context.length - PROMPT.length;
    return rowOfConfidence(VOCAB, 10 + ((committed + slot) % 50), confidence(length, committed));
  });
}

function task(changes: Partial<InfillTask> = {}): InfillTask {
  const rule = { temperature: 0, topP: 1 };
  const bounds = { minTokens: 1, maxTokens: 64 };
  return { layout: layoutOf(PROMPT), tail: TAIL, flexibleTail: [1], ...bounds, forbidden: SPECIAL, rule, random: createRandom(1), ...changes };
}

async function runToEnd(diffuser: ScriptedDiffuser, changes: Partial<InfillTask> = {}): Promise<{ steps: InfillStep[]; outcome: InfillOutcome }> {
  const decoder = infillLengthRegularized(diffuser, task(changes));
  const steps: InfillStep[] = [];
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { steps, outcome: step.value };
    steps.push(step.value);
  }
}

function committedIn({ slots }: InfillStep): number[] {
  return slots.flatMap(({ token }) => token ?? []);
}

function undecidedIn({ slots }: InfillStep): number {
  return slots.filter(({ token }) => token === undefined).length;
}

function lengthsOf(diffuser: ScriptedDiffuser): number[][] {
  return diffuser.calls.map(({ canvases }) => canvases.map(({ slots }) => slots.length));
}

describe("infillLengthRegularized, stage I", () => {
  // Over 1 to 64, ln 8 is the mean of all ln L: a bump there leaves the slope at 0.4.
  const drifting = (length: number, committed: number): number => -3 + 0.4 * Math.log(length) + (length + committed === 8 ? 0.3 : 0);

  it("finds the length that is good for its drift, where the raw score would take the longest", async () => {
    assert.ok(drifting(64, 0) > drifting(8, 0));
    const { outcome } = await runToEnd(diffuserOf(drifting));
    assert.equal(outcome.initialLength, 8);
    const [best, second] = outcome.candidates;
    assert.ok(Math.abs(best.score + 2.7) < 1e-5 && Math.abs(second.score + 3) < 1e-5, `${best.score}, ${second.score}`);
  });

  it("probes every power of two in one pass, behind the prompt and before the tail", async () => {
    const diffuser = diffuserOf(drifting);
    await runToEnd(diffuser);
    const [{ context, canvases }] = diffuser.calls;
    assert.deepEqual(context, PROMPT);
    assert.deepEqual(lengthsOf(diffuser)[0], [1, 2, 4, 8, 16, 32, 64]);
    assert.ok(canvases.every(({ slots, tail }) => slots.every((token) => token === diffuser.maskId) && tail.join() === TAIL.join()));
  });

  it("probes no length beyond the tokens wanted or the slots the model knows", async () => {
    const few = diffuserOf(drifting);
    await runToEnd(few, { maxTokens: 7 });
    assert.deepEqual(lengthsOf(few)[0], [1, 2, 4]);
    const small = diffuserOf(drifting, 16);
    await runToEnd(small);
    assert.deepEqual(lengthsOf(small)[0], [1, 2, 4, 8, 16]);
  });

  it("takes the only length there is when it probes one", async () => {
    const diffuser = diffuserOf(drifting);
    const { outcome } = await runToEnd(diffuser, { maxTokens: 1 });
    assert.deepEqual(outcome.tokens, [10]);
    assert.deepEqual(
      outcome.candidates.map(({ length }) => length),
      [1],
    );
  });

  it("takes the shorter of equal lengths, and two probes always tie", async () => {
    // A line goes through any two points, so that both scores are its intercept but for rounding.
    for (let tenths = 1; tenths <= 30; tenths += 1) {
      const { outcome } = await runToEnd(
        diffuserOf((length) => -0.5 - (length * tenths) / 40),
        { maxTokens: 2 },
      );
      assert.equal(outcome.initialLength, 1, `confidence falling by ${tenths / 40}`);
    }
  });
});

describe("infillLengthRegularized, stage II", () => {
  /** Best at a middle of `total` tokens, better beside it, flat elsewhere: with `total` near 8 there is no drift over 1 to 64. */
  const peakAt = (total: number) => (length: number, committed: number) => -1.5 + Math.max(0, 0.3 - 0.15 * Math.abs(length + committed - total));

  it("climbs to the best length, commits from the left, and ends where the length says", async () => {
    const diffuser = diffuserOf(peakAt(9));
    const { outcome, steps } = await runToEnd(diffuser);
    assert.equal(outcome.initialLength, 8);
    assert.deepEqual(outcome.tokens, [10, 11, 12, 13, 14, 15, 16, 17, 18]);
    assert.deepEqual(committedIn(steps[steps.length - 1]), outcome.tokens);
    assert.deepEqual(steps.map(undecidedIn), [8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it("scores a length once for each committed prefix, and runs one pass a commit once the length is right", async () => {
    const diffuser = diffuserOf(peakAt(9));
    const { outcome } = await runToEnd(diffuser);
    const climbed = [[7, 8, 9], [10]];
    const settled = [8, 7, 6, 5, 4, 3, 2].map((length) => [length - 1, length, length + 1]);
    assert.deepEqual(lengthsOf(diffuser).slice(1), [...climbed, ...settled, [1, 2]]);
    diffuser.calls.slice(2).forEach(({ context }, index) => assert.deepEqual(context, [...PROMPT, ...outcome.tokens.slice(0, index)]));
  });

  it("never commits a forbidden id, however sure the model is of it", async () => {
    const diffuser = new ScriptedDiffuser(VOCAB, 8, (_, length) => {
      const row = rowOfConfidence(VOCAB, 3, -0.1 * length);
      row[20] = 0.5;
      return row;
    });
    const { outcome } = await runToEnd(diffuser, { maxTokens: 8 });
    assert.ok(outcome.tokens.length > 0 && outcome.tokens.every((token) => token === 20), outcome.tokens.join());
  });

  it("stops at the tokens wanted when the length always asks for more", async () => {
    const growing = (length: number, committed: number): number => (committed === 0 ? -2 + (length === 2 ? 0.3 : 0) : -2 + 0.1 * length);
    const { outcome, steps } = await runToEnd(diffuserOf(growing), { maxTokens: 5 });
    assert.equal(outcome.tokens.length, 5);
    assert.deepEqual(steps.map(undecidedIn), [2, 1, 2, 3, 4, 3, 2, 1, 0]);
  });

  it("writes the same text for the same seed and others for others", async () => {
    const flat = (): ScriptedDiffuser => diffuserOf((length, committed) => -3.5 - 0.01 * Math.abs(length + committed - 8));
    const text = async (seed: number): Promise<string> => {
      const rule = { temperature: 1, topP: 1 };
      return (await runToEnd(flat(), { rule, random: createRandom(seed) })).outcome.tokens.join(" ");
    };
    assert.equal(await text(2), await text(2));
    assert.notEqual(await text(2), await text(3));
  });

  it("runs no pass after it is stopped between passes", async () => {
    const diffuser = diffuserOf(peakAt(8));
    const decoder = infillLengthRegularized(diffuser, task());
    await decoder.next();
    await decoder.next();
    await decoder.return(undefined as never);
    assert.equal((await decoder.next()).done, true);
    assert.equal(diffuser.calls.length, 2);
  });

  it("ends within its limits, with a pass for each step, whatever the scores", async () => {
    const confidences = fc.array(fc.double({ min: -4, max: -0.05, noNaN: true }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(confidences, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), async (scores, maxTokens, maxSlots) => {
        const diffuser = diffuserOf((length, committed) => scores[(length * 7 + committed * 3) % scores.length], maxSlots);
        const { outcome, steps } = await runToEnd(diffuser, { maxTokens });
        assert.ok(outcome.tokens.length >= 1 && outcome.tokens.length <= maxTokens);
        assert.deepEqual(committedIn(steps[steps.length - 1]), outcome.tokens);
        for (const { context, canvases } of diffuser.calls) {
          for (const { slots } of canvases) {
            assert.ok(slots.length >= 1 && slots.length <= maxSlots);
            assert.ok(context.length - PROMPT.length + slots.length <= maxTokens, "a canvas longer than may still be written");
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
