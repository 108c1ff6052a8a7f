import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeAutoregressively, type Completion, type CompletionOptions } from "../../../../src/decode/autoregressive.js";
import { fixedBlock, type BlockSizer } from "../../../../src/decode/draft/blockSize.js";
import type { Drafter } from "../../../../src/decode/draft/draft.js";
import { lookupDrafter } from "../../../../src/decode/draft/lookupDraft.js";
import { createRandom } from "../../../../src/base/random.js";
import { layoutOf, verifierTokens } from "../../../../src/decode/sequence.js";
import { speculate } from "../../../../src/decode/draft/speculate.js";
import { hashedLogits, ScriptedVerifier } from "../scriptedVerifier.js";

const EOS = 1;

interface Run {
  readonly completion: Completion;
  readonly yielded: readonly (readonly number[])[];
}

async function runToEnd(decoder: AsyncGenerator<readonly number[], Completion>): Promise<Run> {
  const yielded: (readonly number[])[] = [];
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { completion: step.value, yielded };
    yielded.push([...step.value]);
  }
}

function greedy(maxTokens: number): CompletionOptions {
  return { maxTokens, rule: { temperature: 0, topP: 1 }, random: createRandom(0) };
}

function always(tokens: (sequence: readonly number[], length: number) => number[]): Drafter {
  return { draft: (sequence, length) => Promise.resolve({ tokens: tokens(verifierTokens(sequence), length), proposals: undefined }) };
}

/** Greedy continuation by the verifier's own rule, `shift` ids off. */
function continuation(logitsAfter: (sequence: readonly number[]) => number[], vocabSize: number, shift: number): Drafter {
  return always((sequence, length) => {
    const tokens: number[] = [];
    while (tokens.length < length) {
      const logits = logitsAfter([...sequence, ...tokens]);
      tokens.push((logits.indexOf(Math.max(...logits)) + shift) % vocabSize);
    }
    return tokens;
  });
}

const kinds = fc.constantFrom("right", "wrong", "eos", "tooLong", "nothing", "listed");

function drafterOf(kind: string, lists: readonly number[][], logitsAfter: (sequence: readonly number[]) => number[], vocabSize: number): Drafter {
  let call = 0;
  if (kind === "right") return continuation(logitsAfter, vocabSize, 0);
  if (kind === "wrong") return continuation(logitsAfter, vocabSize, 1);
  if (kind === "eos") return always((_, length) => new Array<number>(length).fill(EOS));
  if (kind === "tooLong") return { draft: (sequence, length) => continuation(logitsAfter, vocabSize, 0).draft(sequence, length + 7) };
  if (kind === "nothing") return always(() => []);
  return always(() => lists[call++ % lists.length].map((token) => token % vocabSize));
}

describe("speculate", () => {
  it("yields the verifier's own greedy text, for any drafter, block size and limit", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          vocabSize: fc.integer({ min: 3, max: 9 }),
          levels: fc.integer({ min: 2, max: 50 }),
          prompt: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
          maxTokens: fc.nat(40),
          kind: kinds,
          lists: fc.array(fc.array(fc.nat(20), { maxLength: 40 }), { minLength: 1, maxLength: 6 }),
          sizes: fc.array(fc.integer({ min: 1, max: 33 }), { minLength: 1, maxLength: 5 }),
          usesLookup: fc.boolean(),
        }),
        async ({ seed, vocabSize, levels, prompt, maxTokens, kind, lists, sizes, usesLookup }) => {
          const logitsAfter = hashedLogits(seed, vocabSize, levels);
          const plain = await runToEnd(
            decodeAutoregressively(new ScriptedVerifier(vocabSize, logitsAfter, EOS), layoutOf(prompt), greedy(maxTokens)),
          );
          const verifier = new ScriptedVerifier(vocabSize, logitsAfter, EOS);
          let call = 0;
          const blockSizer: BlockSizer = { next: () => ({ length: sizes[call++ % sizes.length], tokensPerMs: 1 }), observe: () => {} };
          const drafter = drafterOf(kind, lists, logitsAfter, vocabSize);
          const sources = [
            { drafter: lookupDrafter(1), blockSizer },
            { drafter, blockSizer },
          ].slice(usesLookup ? 0 : 1);
          const { completion, yielded } = await runToEnd(speculate(verifier, layoutOf(prompt), sources, greedy(maxTokens)));

          assert.deepEqual(completion.tokens, plain.completion.tokens);
          assert.deepEqual(yielded.flat(), completion.tokens);
          assert.equal(completion.blocks.length, verifier.passes);
          assert.deepEqual(
            completion.blocks.filter((size) => size > 0),
            yielded.map((block) => block.length),
          );
          assert.ok(verifier.passes <= plain.completion.blocks.length, "more passes than plain decoding");
          assert.ok(completion.accepted <= completion.drafted);
        },
      ),
      { numRuns: 400 },
    );
  });

  const counting = (sequence: readonly number[]): number[] => Array.from({ length: 40 }, (_, id) => (id === sequence.length ? 1 : 0));

  it("emits a whole right draft and a bonus token in each pass, and drafts no more than is wanted", async () => {
    const asked: number[] = [];
    const right = continuation(counting, 40, 0);
    const drafter: Drafter = { draft: (sequence, length) => (asked.push(length), right.draft(sequence, length)) };
    const decoder = speculate(new ScriptedVerifier(40, counting, EOS), layoutOf([5, 6]), [{ drafter, blockSizer: fixedBlock(3) }], greedy(10));
    const { completion } = await runToEnd(decoder);
    assert.deepEqual(completion, { tokens: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], blocks: [4, 4, 2], drafts: [3, 3, 1], drafted: 7, accepted: 7 });
    assert.deepEqual(asked, [3, 3, 1]);
  });

  it("gives one token a pass when every draft is wrong", async () => {
    const drafter = continuation(counting, 40, 1);
    const decoder = speculate(new ScriptedVerifier(40, counting, EOS), layoutOf([5, 6]), [{ drafter, blockSizer: fixedBlock(3) }], greedy(4));
    const { completion } = await runToEnd(decoder);
    assert.deepEqual(completion.blocks, [1, 1, 1, 1]);
    assert.equal(completion.accepted, 0);
  });

  it("ends at an accepted end of text, without it and without what was drafted behind it", async () => {
    const ending = ({ length }: readonly number[]): number[] => {
      const wanted = length === 4 ? EOS : 7;
      return Array.from({ length: 8 }, (_, id) => (id === wanted ? 1 : 0));
    };
    const drafter = always(() => [7, 7, EOS, 7, 7]);
    const decoder = speculate(new ScriptedVerifier(8, ending, EOS), layoutOf([5, 6]), [{ drafter, blockSizer: fixedBlock(5) }], greedy(20));
    const { completion } = await runToEnd(decoder);
    assert.deepEqual(completion.tokens, [7, 7]);
    assert.deepEqual(completion.blocks, [2]);
  });

  it("tells the block sizer how each draft fared", async () => {
    const seen: [number, number][] = [];
    const blockSizer: BlockSizer = { next: () => ({ length: 3, tokensPerMs: 1 }), observe: (drafted, accepted) => seen.push([drafted, accepted]) };
    const drafter = always((sequence) => [sequence.length, sequence.length + 1, 0]);
    await runToEnd(speculate(new ScriptedVerifier(40, counting, EOS), layoutOf([5, 6]), [{ drafter, blockSizer }], greedy(6)));
    assert.deepEqual(seen, [[3, 2], [2, 2]]); // prettier-ignore
  });

  it("runs no pass after it is stopped between blocks", async () => {
    const verifier = new ScriptedVerifier(40, counting, EOS);
    const decoder = speculate(verifier, layoutOf([5, 6]), [{ drafter: continuation(counting, 40, 0), blockSizer: fixedBlock(3) }], greedy(20));
    await decoder.next();
    await decoder.return(undefined as never);
    assert.equal((await decoder.next()).done, true);
    assert.equal(verifier.passes, 1);
  });

  it("asks the sources in the order of what they promise, as listed where they promise the same, until one has a draft", async () => {
    const told: string[] = [];
    const sourceOf = (name: string, tokensPerMs: number, length: number, tokens: readonly number[]) => ({
      drafter: { draft: () => Promise.resolve({ tokens, proposals: undefined }) },
      blockSizer: { next: () => ({ length, tokensPerMs }), observe: () => void told.push(name) },
    });
    const sources = [
      sourceOf("worse", 1, 3, [2]),
      sourceOf("out", Infinity, 0, [2]),
      sourceOf("empty", Infinity, 3, []),
      sourceOf("taken", 2, 3, [2]),
      sourceOf("late", 2, 3, [2]),
    ];
    await runToEnd(speculate(new ScriptedVerifier(40, counting, EOS), layoutOf([5, 6]), sources, greedy(4)));
    assert.ok(told.length > 0);
    assert.deepEqual([...new Set(told)], ["taken"]);
  });
});
