import assert from "node:assert/strict";
import fc from "fast-check";
import { infillAdaptive } from "../../../../src/decode/infill/adaptive.js";
import type { Judge } from "../../../../src/decode/infill/judgedMiddles.js";
import { infillByBlocks } from "../../../../src/decode/infill/blockDiffusion.js";
import { infillCalibrated } from "../../../../src/decode/infill/calibratedLength.js";
import { infillExpandDelete } from "../../../../src/decode/infill/expandDelete.js";
import { infillFixedLength } from "../../../../src/decode/infill/fixedLength.js";
import type { InfillDecoder, InfillOutcome, InfillStep, InfillTask } from "../../../../src/decode/infill/infillTask.js";
import { infillLengthRegularized } from "../../../../src/decode/infill/lengthRegularized.js";
import { createRandom } from "../../../../src/base/random.js";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { allAbove, mostConfident } from "../../../../src/decode/infill/slotReading.js";
import { rowOfConfidence, ScriptedDiffuser } from "../scriptedDiffuser.js";

const VOCAB = 64;
const PROMPT = [40, 41];
const EOS = 0;
const EXPAND = 1;
const TAIL = [2, 50];
const FLEXIBLE_TAIL = [3, 50];
const IDS = { expand: EXPAND, delete: EOS };
const BIAS = { a: 0.5, b: 0.5, c: 0.3, d: 0.05, e: 0.2 };
const NONE: Judge["ownMiddles"] = () => Promise.resolve([]);
const FIRST: Judge = { score: (middles) => Promise.resolve(middles.map((_, index) => -index)), ownMiddles: NONE };
const never = (): boolean => false;

function task(changes: Partial<InfillTask> = {}): InfillTask {
  const rule = { temperature: 0, topP: 1 };
  const forbidden = [0, 1, 2, 3];
  const tails = { tail: TAIL, flexibleTail: FLEXIBLE_TAIL };
  return { layout: layoutOf(PROMPT), ...tails, minTokens: 1, maxTokens: 32, forbidden, rule, random: createRandom(1), ...changes };
}

async function runToEnd(decoder: InfillDecoder): Promise<{ steps: InfillStep[]; outcome: InfillOutcome }> {
  const steps: InfillStep[] = [];
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { steps, outcome: step.value };
    steps.push(step.value);
  }
}

/** Says the same whatever the context: token of a slot, by the canvas's length and the slot. */
function saying(tokenAt: (length: number, slot: number) => number, confidenceAt: typeof tokenAt = () => -0.01): ScriptedDiffuser {
  return new ScriptedDiffuser(VOCAB, 32, (_, length, slot) => rowOfConfidence(VOCAB, tokenAt(length, slot), confidenceAt(length, slot)));
}

describe("infillFixedLength", () => {
  it("commits one slot a pass, the surest first, and keeps what it committed", async () => {
    const diffuser = saying(
      (_, slot) => 10 + slot,
      (_, slot) => [-2, -0.1, -1][slot],
    );
    const { steps, outcome } = await runToEnd(infillFixedLength(diffuser, task(), 3, mostConfident));
    assert.deepEqual(outcome.tokens, [10, 11, 12]);
    assert.deepEqual(
      steps.map(({ slots }) => slots.map(({ token }) => token)),
      [
        [undefined, 11, undefined],
        [undefined, 11, 12],
        [10, 11, 12],
      ],
    );
  });

  it("commits every slot above the threshold in one pass, and the surest when none is", async () => {
    const diffuser = saying(
      (_, slot) => 10 + slot,
      (_, slot) => [-0.01, -3, -0.01, -2][slot],
    );
    const { outcome } = await runToEnd(infillFixedLength(diffuser, task(), 4, allAbove(0.9)));
    assert.deepEqual(outcome.tokens, [10, 11, 12, 13]);
    assert.equal(diffuser.calls.length, 3);
  });
});

describe("infillExpandDelete", () => {
  const start = (diffuser: ScriptedDiffuser, length: number, changes: Partial<InfillTask> = {}): Promise<{ outcome: InfillOutcome }> =>
    runToEnd(infillExpandDelete(diffuser, task(changes), IDS, length, mostConfident));

  it("splits a slot where the model says expand, up to the tokens allowed", async () => {
    const diffuser = saying((length, slot) => (length < 4 ? EXPAND : 10 + slot));
    assert.deepEqual((await start(diffuser, 1)).outcome.tokens, [10, 11, 12, 13]);
    const bounded = saying((length, slot) => (slot === 0 ? EXPAND : 10 + length));
    assert.equal((await start(bounded, 2, { minTokens: 3, maxTokens: 3 })).outcome.tokens.length, 3);
  });

  it("drops the slot and every undecided one behind it where the model says delete", async () => {
    const diffuser = saying(
      (_, slot) => (slot >= 2 ? EOS : 10 + slot),
      (_, slot) => (slot === 2 ? -0.001 : -0.1),
    );
    const { outcome } = await start(diffuser, 8);
    assert.deepEqual(outcome.tokens, [10, 11]);
    assert.equal(diffuser.calls.length, 3);
  });

  it("only drops slots where the model has no token that splits them", async () => {
    const diffuser = saying((length, slot) => (slot >= 2 ? EOS : slot === 0 && length < 4 ? EXPAND : 10 + slot));
    const ids = { expand: undefined, delete: EOS };
    const { outcome } = await runToEnd(infillExpandDelete(diffuser, task({ forbidden: [0, 2, 3] }), ids, 3, mostConfident));
    // What splits elsewhere is a token like any other here.
    assert.deepEqual(outcome.tokens, [EXPAND, 11]);
  });

  it("commits another token instead of a delete that would leave too few", async () => {
    const diffuser = new ScriptedDiffuser(VOCAB, 32, () => {
      const row = rowOfConfidence(VOCAB, EOS, -0.1);
      row[20] = 0.5;
      return row;
    });
    assert.deepEqual((await start(diffuser, 4, { minTokens: 2 })).outcome.tokens, [20, 20]);
  });

  it("starts with the fewest tokens wanted where its start is shorter, be they more than a canvas was trained for", async () => {
    const says = saying((_, slot) => 10 + slot);
    assert.equal((await start(says, 2, { minTokens: 7 })).outcome.tokens.length, 7);
    assert.equal((await start(says, 2, { minTokens: 40, maxTokens: 50 })).outcome.tokens.length, 40);
  });

  it("sees the marker that says its length is open", async () => {
    const diffuser = saying((_, slot) => 10 + slot);
    await start(diffuser, 2);
    assert.ok(diffuser.calls.every(({ canvases }) => canvases[0].tail.join() === FLEXIBLE_TAIL.join()));
  });
});

describe("infillByBlocks", () => {
  it("writes block after block behind what is done, and stops before the end the model says", async () => {
    const text = [10, 11, 12, 13, 14, EOS];
    const diffuser = new ScriptedDiffuser(VOCAB, 32, (context, _, slot) => {
      return rowOfConfidence(VOCAB, text[context.length - PROMPT.length + slot] ?? 30, -0.01);
    });
    const { outcome } = await runToEnd(infillByBlocks(diffuser, task(), EOS, 4, allAbove(0.9)));
    assert.deepEqual(outcome.tokens, [10, 11, 12, 13, 14]);
    assert.deepEqual(
      diffuser.calls.map(({ context }) => context.length),
      [2, 6],
    );
  });

  it("does not end before the fewest tokens wanted", async () => {
    const diffuser = new ScriptedDiffuser(VOCAB, 32, () => {
      const row = rowOfConfidence(VOCAB, EOS, -0.1);
      row[20] = 0.5;
      return row;
    });
    const { outcome } = await runToEnd(infillByBlocks(diffuser, task({ minTokens: 3 }), EOS, 4, mostConfident));
    assert.deepEqual(outcome.tokens, [20, 20, 20]);
  });
});

describe("infillCalibrated", () => {
  it("takes the length whose confidence stands out most from the bias", async () => {
    const diffuser = saying(
      (_, slot) => 10 + slot,
      (length) => (length === 19 ? -0.5 : -2),
    );
    const { outcome } = await runToEnd(infillCalibrated(diffuser, task(), BIAS));
    assert.equal(outcome.tokens.length, 19);
    assert.equal(outcome.candidates[0].length, 19);
  });
});

describe("infillAdaptive", () => {
  const bestAt =
    (best: number) =>
    (length: number): number =>
      -1.5 + Math.max(0, 0.6 - 0.1 * Math.abs(length - best));

  it("finds a length between the powers of two, and fills the best lengths in shared passes", async () => {
    const diffuser = saying((length, slot) => 10 + ((length + slot) % 50), bestAt(11));
    const { outcome } = await runToEnd(infillAdaptive(diffuser, task(), FIRST, never));
    assert.equal(outcome.candidates[0].length, 11);
    assert.equal(outcome.tokens.length, 11);
    assert.ok(outcome.alternatives.length >= 2);
    assert.ok(diffuser.calls[2].canvases.length > 1);
  });

  it("answers with the middle that the judge prefers and keeps the others as alternatives", async () => {
    const diffuser = saying((_, slot) => 10 + slot, bestAt(4));
    const likesFive: Judge["score"] = (middles) => Promise.resolve(middles.map((middle) => (middle.length === 5 ? 1 : -middle.length)));
    const judge: Judge = { score: likesFive, ownMiddles: NONE };
    const { outcome } = await runToEnd(infillAdaptive(diffuser, task(), judge, never));
    assert.equal(outcome.tokens.length, 5);
    assert.ok(outcome.alternatives.every(({ tokens }) => tokens.length !== 5));
  });

  it("takes a middle of the judge's own where the judge scores it best", async () => {
    const diffuser = saying((_, slot) => 10 + slot, bestAt(4));
    const own = [30, 31, 32];
    const judge = (most: number): Judge => ({
      score: (middles) => Promise.resolve(middles.map((middle) => (middle[0] === 30 ? most : -middle.length))),
      ownMiddles: () => Promise.resolve([own]),
    });
    const won = await runToEnd(infillAdaptive(diffuser, task(), judge(0), never));
    assert.deepEqual(won.outcome.tokens, own);
    const lost = await runToEnd(infillAdaptive(diffuser, task(), judge(-12), never));
    assert.deepEqual(lost.outcome.alternatives.at(-1)?.tokens, own);
    const farBehind = await runToEnd(infillAdaptive(diffuser, task(), judge(-100), never));
    assert.deepEqual(farBehind.outcome.alternatives, lost.outcome.alternatives.slice(0, -1));
    const tooShort = await runToEnd(infillAdaptive(diffuser, task({ minTokens: 4 }), judge(0), never));
    assert.ok([tooShort.outcome, ...tooShort.outcome.alternatives].every(({ tokens }) => tokens.length >= 4));
  });

  it("looks at lengths up to twice those of the judge's own middles, to eight in any case, and to all without one", async () => {
    const longest = async (own: readonly number[][], changes: Partial<InfillTask> = {}): Promise<number> => {
      const judge: Judge = { ...FIRST, ownMiddles: () => Promise.resolve(own) };
      const diffuser = saying(
        (_, slot) => 10 + slot,
        (length) => -1 / length,
      );
      const { outcome } = await runToEnd(infillAdaptive(diffuser, task(changes), judge, never));
      return Math.max(...outcome.candidates.map(({ length }) => length));
    };
    assert.equal(await longest([]), 32);
    assert.equal(await longest([[30]]), 8);
    assert.equal(await longest([[30], Array.from({ length: 8 }, () => 30)]), 16);
    assert.equal(await longest([Array.from({ length: 8 }, () => 30)], { maxTokens: 4 }), 4);
    // A middle that is too short says nothing of longer ones.
    assert.equal(await longest([[30]], { minTokens: 20 }), 32);
  });

  it("answers with the judge's own middle, unjudged, when it is late after that was written", async () => {
    let asked = 0;
    const judge: Judge = { score: () => assert.fail("nothing was to be judged"), ownMiddles: () => Promise.resolve([[30, 31], [30]]) };
    const diffuser = saying((_, slot) => 10 + slot);
    const { outcome, steps } = await runToEnd(infillAdaptive(diffuser, task(), judge, () => (asked += 1) > 1));
    assert.deepEqual([outcome.tokens, diffuser.calls.length], [[30, 31], 0]);
    assert.deepEqual(
      steps.at(-1)?.slots.map(({ token }) => token),
      [30, 31],
    );
  });

  it("commits everything in one last pass once it is late", async () => {
    const diffuser = saying(
      (_, slot) => 10 + slot,
      () => -3,
    );
    const { outcome } = await runToEnd(infillAdaptive(diffuser, task(), FIRST, () => true));
    // One that scores lengths, and the last; all lengths score alike, and about the shortest there are no others to look at.
    assert.equal(diffuser.calls.length, 2);
    assert.ok(outcome.tokens.length > 0);
  });

  it("keeps between the fewest and the most tokens wanted", async () => {
    const diffuser = saying((_, slot) => 10 + slot, bestAt(4));
    const longer = await runToEnd(infillAdaptive(diffuser, task({ minTokens: 6 }), FIRST, never));
    assert.ok(longer.outcome.tokens.length >= 6);
    const shorter = await runToEnd(infillAdaptive(diffuser, task({ maxTokens: 3 }), FIRST, never));
    assert.ok(shorter.outcome.tokens.length <= 3);
  });
});

describe("every infill decoder that finds the length itself", () => {
  it("keeps between the fewest and the most tokens, those above its longest canvas too", async () => {
    const bounds = fc.record({ seed: fc.nat(1e6), minTokens: fc.integer({ min: 1, max: 24 }), extra: fc.integer({ min: 0, max: 8 }) });
    await fc.assert(
      fc.asyncProperty(bounds, async ({ seed, minTokens, extra }) => {
        const random = createRandom(seed);
        const row = (): number[] => rowOfConfidence(VOCAB, Math.floor(random.next() * VOCAB), -3.9 * random.next() - 0.05);
        const diffuser = new ScriptedDiffuser(VOCAB, 8, row);
        const wanted = task({ minTokens, maxTokens: minTokens + extra });
        const decoders = {
          auto: infillAdaptive(diffuser, wanted, FIRST, never),
          lr: infillLengthRegularized(diffuser, wanted),
          cal: infillCalibrated(diffuser, wanted, BIAS),
          dreamon: infillExpandDelete(diffuser, wanted, IDS, 1, mostConfident),
          block: infillByBlocks(diffuser, wanted, EOS, 8, mostConfident),
        };
        for (const [name, decoder] of Object.entries(decoders)) {
          const { length } = (await runToEnd(decoder)).outcome.tokens;
          assert.ok(length >= minTokens && length <= wanted.maxTokens, `${name}: ${length} of ${minTokens} to ${wanted.maxTokens}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("every infill decoder", () => {
  it("ends within its bounds, never takes back what it committed in place, and commits no forbidden id", async () => {
    const script = fc.record({
      seed: fc.nat(1e6),
      minTokens: fc.integer({ min: 1, max: 6 }),
      extra: fc.integer({ min: 0, max: 20 }),
      start: fc.integer({ min: 1, max: 8 }),
      temperature: fc.constantFrom(0, 0.8),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ seed, minTokens, extra, start, temperature }) => {
        const maxTokens = Math.max(minTokens + extra, start);
        const least = Math.min(minTokens, start);
        const random = createRandom(seed);
        const row = (): number[] => rowOfConfidence(VOCAB, Math.floor(random.next() * VOCAB), -3.9 * random.next() - 0.05);
        const diffuser = new ScriptedDiffuser(VOCAB, 32, row);
        const wanted = task({ minTokens: least, maxTokens, rule: { temperature, topP: 1 }, random: createRandom(seed) });
        for (const rule of [mostConfident, allAbove(0.5)]) {
          const decoders = [
            infillFixedLength(diffuser, wanted, start, rule),
            infillExpandDelete(diffuser, wanted, IDS, start, rule),
            infillByBlocks(diffuser, wanted, EOS, 8, rule),
            infillCalibrated(diffuser, wanted, BIAS),
            infillAdaptive(diffuser, wanted, FIRST, never),
          ];
          for (const decoder of decoders) {
            const { outcome, steps } = await runToEnd(decoder);
            assert.ok(outcome.tokens.length >= least && outcome.tokens.length <= maxTokens, `${outcome.tokens.length} of ${least} to ${maxTokens}`);
            assert.ok(
              outcome.tokens.every((token) => !wanted.forbidden.includes(token)),
              outcome.tokens.join(),
            );
            assert.deepEqual(
              steps[steps.length - 1].slots.map(({ token }) => token),
              outcome.tokens,
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
