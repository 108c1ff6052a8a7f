import assert from "node:assert/strict";
import { createRandom } from "../../../../src/base/random.js";
import type { InfillOutcome, InfillTask } from "../../../../src/decode/infill/infillTask.js";
import { infillByLineEnds, type LineEndOptions } from "../../../../src/decode/infill/lineEnds.js";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { ScriptedVerifier } from "../scriptedVerifier.js";

const VOCAB = 12;
const END = 0;
const BREAK = 9;
const CONTEXT = [5, 6];
/** Two lines, a third that goes on, and the break behind it. */
const TEXT = [3, BREAK, 4, BREAK, 5, 7, BREAK];

/** Says `TEXT`, then the end; `ends` are logits of the end behind so many tokens, where others have 0 and the next token 5. */
const saying = (ends: Readonly<Record<number, number>>): ScriptedVerifier =>
  new ScriptedVerifier(
    VOCAB,
    (sequence) => {
      const length = sequence.length - CONTEXT.length;
      return Array.from({ length: VOCAB }, (_, id) => (id === (TEXT[length] ?? END) ? 5 : id === END ? (ends[length] ?? -5) : -5));
    },
    END,
  );

const OPTIONS: LineEndOptions = {
  isLineBreak: (token) => token === BREAK,
  beginsWithBreak: () => true,
  endsAt: { before: true, behind: true },
  penaltyOf: () => 0,
  enough: () => () => false,
};

async function filled(
  verifier: ScriptedVerifier,
  task: Partial<InfillTask> = {},
  options: Partial<LineEndOptions> = {},
): Promise<InfillOutcome & { readonly shown: readonly number[] }> {
  const whole: InfillTask = {
    layout: layoutOf(CONTEXT), tail: [], flexibleTail: [], forbidden: [END], minTokens: 1, maxTokens: 16, rule: { temperature: 0, topP: 1 },
    random: createRandom(1), ...task,
  }; // prettier-ignore
  const decoder = infillByLineEnds(verifier, whole, {}, { ...OPTIONS, ...options });
  let shown: number[] = [];
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { ...step.value, shown };
    shown = step.value.slots.map(({ token }) => token ?? NaN);
  }
}

describe("infillByLineEnds", () => {
  it("takes the line end where an end had the best chance, though a further line was likelier, and shows it last", async () => {
    const { tokens, shown } = await filled(saying({ 4: 3.5 }), { maxTokens: TEXT.length });
    assert.deepEqual(tokens, TEXT.slice(0, 4));
    assert.deepEqual(shown, tokens);
  });

  it("takes the end before a line break where that is the better one", async () => {
    assert.deepEqual((await filled(saying({ 3: 3.5, 4: 2 }), { maxTokens: TEXT.length })).tokens, TEXT.slice(0, 3));
  });

  it("ends on the side of line breaks where the hole does", async () => {
    const both = { 3: 3.5, 4: 3.5 };
    assert.deepEqual((await filled(saying(both), { maxTokens: 7 }, { endsAt: { before: false, behind: true } })).tokens, TEXT.slice(0, 4));
    assert.deepEqual((await filled(saying(both), { maxTokens: 7 }, { endsAt: { before: true, behind: false } })).tokens, TEXT.slice(0, 3));
  });

  it("keeps the text of a token that ends a line by itself", async () => {
    const options = { endsAt: { before: true, behind: false }, beginsWithBreak: () => false };
    assert.deepEqual((await filled(saying({ 3: 3.5, 4: 3 }), { maxTokens: 7 }, options)).tokens, TEXT.slice(0, 4));
  });

  it("takes the text's own end where no other had a chance", async () => {
    assert.deepEqual((await filled(saying({}))).tokens, TEXT);
  });

  it("writes nothing on behind an end that is nearly sure", async () => {
    const sure = saying({ 2: 4.8 });
    assert.deepEqual((await filled(sure)).tokens, TEXT.slice(0, 2));
    const all = saying({});
    await filled(all);
    assert.ok(sure.passes < all.passes, `${sure.passes} passes, ${all.passes} for the whole text`);
  });

  it("leaves out a further line that it has doubts about, and stops where no end of it could be as likely", async () => {
    const doubting = (doubt: number): ScriptedVerifier =>
      new ScriptedVerifier(
        VOCAB,
        (sequence) => {
          const length = sequence.length - CONTEXT.length;
          const next = TEXT[length] ?? END;
          return Array.from({ length: VOCAB }, (_, id) => (id === next ? 5 : id === END ? (length === 2 ? 3 : 1) : length >= 2 ? doubt : -5));
        },
        END,
      );
    const [sure, unsure] = [doubting(-5), doubting(4)];
    assert.deepEqual((await filled(sure)).tokens, TEXT);
    assert.deepEqual((await filled(unsure)).tokens, TEXT.slice(0, 2));
    assert.ok(unsure.passes < sure.passes, `${unsure.passes} passes, ${sure.passes} for the whole text`);
  });

  it("does not take what would come behind a refused draft for what comes behind the text", async () => {
    // Lines like the first one went on with 10 so far, and behind that the text would surely end.
    const context = [3, BREAK, 4, 10, 10, 8, 3, BREAK, 4, 10, 10, 8];
    const asked: (readonly number[])[] = [];
    const verifier = new ScriptedVerifier(
      VOCAB,
      (sequence) => {
        const written = sequence.slice(context.length);
        asked.push(written);
        const next = written.includes(10) ? END : (TEXT[written.length] ?? END);
        return Array.from({ length: VOCAB }, (_, id) => (id === next ? 5 : -5));
      },
      END,
    );
    const { tokens } = await filled(verifier, { layout: layoutOf(context) });
    assert.ok(
      asked.some((written) => written.join() === [3, BREAK, 4, 10].join()),
      "the draft was asked about",
    );
    assert.deepEqual(tokens, TEXT);
  });

  it("looks for another middle where the first is of no use, from the least sure token of its first line on", async () => {
    // 3 and 4 are nearly as likely behind 5, and everything else is sure; 4 goes on with 8.
    const verifier = new ScriptedVerifier(
      VOCAB,
      (sequence) => {
        const written = sequence.slice(CONTEXT.length).join();
        const close = [[3, 4], [4, 3.9]] as const; // prettier-ignore
        const next: Record<string, readonly (readonly [number, number])[]> = { "": [[5, 9]], "5": close, "5,4": [[8, 9]] };
        const wanted = new Map(next[written] ?? [[END, 9]]);
        return Array.from({ length: VOCAB }, (_, id) => wanted.get(id) ?? -5);
      },
      END,
    );
    const isUseless = (middle: readonly number[]): boolean => middle.includes(3);
    const { tokens, shown, alternatives } = await filled(verifier, {}, { isUseless });
    assert.deepEqual(tokens, [5, 4, 8]);
    assert.deepEqual(shown, tokens);
    assert.deepEqual(alternatives.map((each) => each.tokens), [[5, 3]]); // prettier-ignore
    // What is no better is not taken.
    assert.deepEqual((await filled(verifier, {}, { isUseless: () => true })).tokens, [5, 3]);
  });

  it("looks at no end within a line", async () => {
    assert.notEqual((await filled(saying({ 5: 4 }), { maxTokens: TEXT.length })).tokens.length, 5);
  });

  it("weighs what speaks against a middle", async () => {
    const penaltyOf = (middle: readonly number[]): number => (middle.length === 4 ? 9 : 0);
    assert.deepEqual((await filled(saying({ 2: 1, 4: 3.5 }), { maxTokens: TEXT.length }, { penaltyOf })).tokens, TEXT.slice(0, 2));
  });

  it("keeps to bounds of tokens and lines, and offers its other line ends", async () => {
    const { tokens, alternatives } = await filled(saying({ 2: 3.5, 4: 3 }), { minTokens: 3, maxTokens: TEXT.length });
    assert.deepEqual(tokens, TEXT.slice(0, 4));
    assert.ok(alternatives.length > 0 && alternatives.every(({ tokens: other }) => other.length >= 3 && other.join() !== tokens.join()));
    const oneLine = await filled(saying({ 4: 4 }), {}, { mostLines: 1 });
    assert.ok(oneLine.tokens.length <= 2, oneLine.tokens.join());
  });

  it("stops where it is told to, and answers with what it has where no line has ended", async () => {
    const { tokens } = await filled(saying({}), {}, { enough: () => () => true });
    assert.deepEqual(tokens, TEXT.slice(0, 1));
  });
});
