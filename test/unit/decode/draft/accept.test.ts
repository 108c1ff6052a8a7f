import assert from "node:assert/strict";
import { acceptDraft, type Verdict } from "../../../../src/decode/draft/accept.js";
import { decodeAutoregressively, type CompletionOptions } from "../../../../src/decode/autoregressive.js";
import { fixedBlock } from "../../../../src/decode/draft/blockSize.js";
import type { Draft, Drafter } from "../../../../src/decode/draft/draft.js";
import { createRandom, type Random } from "../../../../src/base/random.js";
import { distribution, drawIndex, type SamplingRule } from "../../../../src/decode/sample.js";
import { layoutOf, verifierTokens } from "../../../../src/decode/sequence.js";
import { speculate } from "../../../../src/decode/draft/speculate.js";
import { deviates } from "./chiSquare.js";
import { hashedLogits, ScriptedVerifier } from "../scriptedVerifier.js";

const PLAIN: SamplingRule = { temperature: 1, topP: 1 };
const GREEDY: SamplingRule = { temperature: 0, topP: 1 };
const VOCAB = 5;
const EOS = 4;
const SAMPLES = 6000;
const PROMPT = [2, 3];

/** Rows of logits whose softmax is `rows`. */
function logitsOf(rows: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(rows.flat().map(Math.log));
}

function accept(draft: Draft, rows: readonly (readonly number[])[], rule: SamplingRule, random: Random): Verdict {
  const vocabSize = rows[0].length;
  return acceptDraft(draft, logitsOf(rows), vocabSize, rule, random, new Float64Array(vocabSize));
}

/** Chance that gives the numbers of a list and fails when they are used up. */
function scripted(...numbers: number[]): Random {
  return { next: () => numbers.shift() ?? assert.fail("drew once too often") };
}

function certain(...tokens: number[]): Draft {
  return { tokens, proposals: undefined };
}

const ROWS = [
  [0.2, 0.5, 0.3],
  [0.6, 0.2, 0.2],
  [0.1, 0.1, 0.8],
];

describe("acceptDraft, greedy", () => {
  it("keeps the part that agrees and corrects the first mismatch, drawing no chance", () => {
    assert.deepEqual(accept(certain(1, 2), ROWS, GREEDY, scripted()), { accepted: 1, next: 0 });
    assert.deepEqual(accept(certain(0, 0), ROWS, GREEDY, scripted()), { accepted: 0, next: 1 });
  });

  it("adds a bonus token to a draft that agrees throughout, and to an empty one", () => {
    assert.deepEqual(accept(certain(1, 0), ROWS, GREEDY, scripted()), { accepted: 2, next: 2 });
    assert.deepEqual(accept(certain(), ROWS, GREEDY, scripted()), { accepted: 0, next: 1 });
  });
});

describe("acceptDraft, sampled", () => {
  it("keeps a certain token with the verifier's probability of it", () => {
    assert.equal(accept(certain(1), ROWS, PLAIN, scripted(0.499, 0)).accepted, 1);
    assert.equal(accept(certain(1), ROWS, PLAIN, scripted(0.501, 0)).accepted, 0);
  });

  it("keeps a drawn token with probability min(1, p / q)", () => {
    const draft = (q: number[]): Draft => ({ tokens: [1], proposals: [Float64Array.from(q)] });
    assert.equal(accept(draft([0.3, 0.4, 0.3]), ROWS, PLAIN, scripted(0)).accepted, 1);
    assert.equal(accept(draft([0, 0.52, 0.48]), ROWS, PLAIN, scripted(0.961, 0)).accepted, 1);
    assert.equal(accept(draft([0, 0.52, 0.48]), ROWS, PLAIN, scripted(0.962, 0)).accepted, 0);
    assert.equal(accept(draft([0, 0.8, 0.2]), ROWS, PLAIN, scripted(0.624, 0)).accepted, 1);
    assert.equal(accept(draft([0, 0.8, 0.2]), ROWS, PLAIN, scripted(0.626, 0)).accepted, 0);
  });

  it("stops at the first rejection and draws from what the proposal left of the verifier's distribution", () => {
    const proposals = [Float64Array.of(0.1, 0.7, 0.2), Float64Array.of(1, 0, 0)];
    // max(0, p - q) = [0.1, 0, 0.1]: the lower half of chance is token 0, the upper token 2.
    assert.deepEqual(accept({ tokens: [1, 0], proposals }, ROWS, PLAIN, scripted(0.99, 0.49)), { accepted: 0, next: 0 });
    assert.deepEqual(accept({ tokens: [1, 0], proposals }, ROWS, PLAIN, scripted(0.99, 0.51)), { accepted: 0, next: 2 });
  });

  it("applies temperature and top-p to the verifier, not only to the draft", () => {
    assert.deepEqual(accept(certain(2), ROWS, { temperature: 1, topP: 0.4 }, scripted()), { accepted: 0, next: 1 });
  });
});

const logitsAfter = hashedLogits(11, VOCAB, 6);
const options = (seed: number, rule: SamplingRule, maxTokens: number): CompletionOptions => ({
  maxTokens,
  rule,
  random: createRandom(seed),
});

function rowAfter(sequence: readonly number[], rule: SamplingRule): Float64Array {
  const into = new Float64Array(VOCAB);
  distribution(Float32Array.from(logitsAfter(sequence)), 0, VOCAB, rule, into);
  return into;
}

/** The exact probability of every text, by enumeration; texts that end say so. */
function exactTexts(rule: SamplingRule, maxTokens: number): Map<string, number> {
  const texts = new Map<string, number>();
  const visit = (text: readonly number[], probability: number): void => {
    if (text.length === maxTokens || probability === 0) {
      if (probability > 0) texts.set(text.join(" "), probability);
      return;
    }
    const row = rowAfter([...PROMPT, ...text], rule);
    if (row[EOS] > 0) texts.set(text.join(" "), probability * row[EOS]);
    for (let token = 0; token < EOS; token += 1) visit([...text, token], probability * row[token]);
  };
  visit([], 1);
  return texts;
}

/** Draws each token from a distribution that has little to do with the verifier's, and says which. */
function drawingDrafter(random: Random): Drafter {
  const draftLogits = hashedLogits(77, VOCAB, 4);
  return {
    draft: (sequence, length) => {
      const proposals = Array.from({ length }, (_, slot) => {
        const into = new Float64Array(VOCAB);
        distribution(Float32Array.from(draftLogits([...verifierTokens(sequence), slot])), 0, VOCAB, PLAIN, into);
        return into;
      });
      return Promise.resolve({ tokens: proposals.map((proposal) => drawIndex(proposal, VOCAB, random)), proposals });
    },
  };
}

const certainDrafter: Drafter = {
  draft: (sequence, length) => Promise.resolve(certain(...Array.from({ length }, (_, slot) => (verifierTokens(sequence).length + slot) % VOCAB))),
};

/** Draws like `drawingDrafter` but claims to have been certain of nothing. */
function lyingDrafter(random: Random): Drafter {
  const honest = drawingDrafter(random);
  return {
    draft: async (sequence, length) => {
      const { tokens } = await honest.draft(sequence, length);
      return { tokens, proposals: tokens.map(() => new Float64Array(VOCAB).fill(1 / VOCAB)) };
    },
  };
}

async function textCounts(draw: (seed: number) => Promise<readonly number[]>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < SAMPLES; seed += 1) {
    const text = (await draw(seed)).join(" ");
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

async function drawSpeculatively(seed: number, drafter: Drafter, block: number, rule: SamplingRule, maxTokens: number): Promise<readonly number[]> {
  const verifier = new ScriptedVerifier(VOCAB, logitsAfter, EOS);
  const decoder = speculate(verifier, layoutOf(PROMPT), [{ drafter, blockSizer: fixedBlock(block) }], options(seed, rule, maxTokens));
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return step.value.tokens;
  }
}

describe("sampled speculation", () => {
  const rules: SamplingRule[] = [PLAIN, { temperature: 0.7, topP: 0.8 }];

  for (const rule of rules) {
    for (const [block, maxTokens] of [
      [1, 2],
      [3, 3],
    ] as const) {
      // prettier-ignore
      it(`follows the verifier's distribution, top-p ${rule.topP}, block ${block}: certain drafts`, async () => {
        const counts = await textCounts((seed) => drawSpeculatively(seed, certainDrafter, block, rule, maxTokens));
        assert.equal(deviates(counts, exactTexts(rule, maxTokens)), false);
      });

      it(`follows the verifier's distribution, top-p ${rule.topP}, block ${block}: drawn drafts`, async () => {
        const draw = (seed: number): Promise<readonly number[]> =>
          drawSpeculatively(seed, drawingDrafter(createRandom(seed + 1e6)), block, rule, maxTokens);
        assert.equal(deviates(await textCounts(draw), exactTexts(rule, maxTokens)), false);
      });
    }
  }

  it("agrees with plain sampling, which the same test accepts", async () => {
    const counts = await textCounts(async (seed) => {
      const decoder = decodeAutoregressively(new ScriptedVerifier(VOCAB, logitsAfter, EOS), layoutOf(PROMPT), options(seed, PLAIN, 3));
      for (;;) {
        const step = await decoder.next();
        if (step.done === true) return step.value.tokens;
      }
    });
    assert.equal(deviates(counts, exactTexts(PLAIN, 3)), false);
  });
});

/** A wrong rule: a rejected place gets its correction, and the drafted tokens behind it are judged as if it had stood. */
function acceptOnwards(draft: Draft, rows: readonly Float64Array[], random: Random): number[] {
  return draft.tokens.map((token, index) => {
    const probabilities = rows[index].slice();
    if (random.next() < probabilities[token]) return token;
    probabilities[token] = 0;
    return drawIndex(probabilities, VOCAB, random);
  });
}

describe("the test of distributions", () => {
  it("catches a rule that does not stop at the rejection", async () => {
    const counts = await textCounts(async (seed) => {
      const random = createRandom(seed);
      const draft = await certainDrafter.draft({ layout: layoutOf(PROMPT), written: [] }, 2);
      const rows = draft.tokens.map((_, index) => rowAfter([...PROMPT, ...draft.tokens.slice(0, index)], PLAIN));
      const text = acceptOnwards(draft, rows, random);
      const end = text.indexOf(EOS);
      return end < 0 ? text : text.slice(0, end);
    });
    assert.equal(deviates(counts, exactTexts(PLAIN, 2)), true);
  });

  it("catches a drafter that misstates what it drew from", async () => {
    const draw = (seed: number): Promise<readonly number[]> => drawSpeculatively(seed, lyingDrafter(createRandom(seed + 1e6)), 2, PLAIN, 3);
    assert.equal(deviates(await textCounts(draw), exactTexts(PLAIN, 3)), true);
  });
});
