import assert from "node:assert/strict";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { VerifierJudge } from "../../../../src/decode/infill/verifierJudge.js";
import { hashedLogits, ScriptedVerifier } from "../scriptedVerifier.js";

const VOCAB = 12;
const END = 0;
const BREAK = 9;
const CONTEXT = [5, 6];
const isBreak = (token: number): boolean => token === BREAK;

/** Says `text`, one token after the other, then the end. */
function saying(text: readonly number[]): ScriptedVerifier {
  return new ScriptedVerifier(
    VOCAB,
    (sequence) => {
      const wanted = text[sequence.length - CONTEXT.length] ?? END;
      return Array.from({ length: VOCAB }, (_, id) => (id === wanted ? 5 : 0));
    },
    END,
  );
}

const judgeOf = (verifier: ScriptedVerifier): VerifierJudge => new VerifierJudge(verifier, layoutOf(CONTEXT), isBreak);

describe("VerifierJudge", () => {
  for (const { name, text, most, middles } of [
    { name: "its text alone where that has one line", text: [3, 4], most: 8, middles: [[3, 4]] },
    { name: "its text and its cuts before and behind a line break", text: [3, BREAK, 4], most: 8, middles: [[3], [3, BREAK], [3, BREAK, 4]] },
    { name: "no empty cut", text: [BREAK, 4], most: 8, middles: [[BREAK], [BREAK, 4]] },
    { name: "only the cuts of a text that did not end in time", text: [3, BREAK, 4, 4], most: 4, middles: [[3], [3, BREAK]] },
    { name: "nothing where one line did not end in time", text: [3, 4, 3, 4], most: 4, middles: [] },
    {
      name: "the first three line breaks' cuts, each once",
      text: [BREAK, BREAK, BREAK, BREAK, 4],
      most: 4,
      middles: [[BREAK], [BREAK, BREAK], [BREAK, BREAK, BREAK]],
    },
  ]) {
    it(`writes ${name}`, async () => {
      assert.deepEqual(await judgeOf(saying(text)).ownMiddles(0, most), middles);
    });
  }

  it("stops at the last line that is wanted", async () => {
    const verifier = saying([3, BREAK, 4, 4, 4, 4, BREAK, 4]);
    const judge = new VerifierJudge(verifier, layoutOf(CONTEXT), isBreak, 1);
    assert.deepEqual(await judge.ownMiddles(0, 20), [[3], [3, BREAK]]);
    assert.ok(verifier.passes <= 2, `${verifier.passes} passes`);
  });

  it("scores a middle with the log-probability of its tokens and its end, reading what it begins with in the same pass", async () => {
    const logitsAfter = hashedLogits(3, VOCAB, 7);
    const verifier = new ScriptedVerifier(VOCAB, logitsAfter, END);
    const middles = [[3], [4, 4], [3, BREAK, 2], [3, BREAK]];
    const scores = await judgeOf(verifier).score(middles);
    assert.equal(verifier.passes, 2);
    middles.forEach((middle, index) => {
      let expected = 0;
      [...middle, END].forEach((token, at) => {
        const logits = logitsAfter([...CONTEXT, ...middle.slice(0, at)]);
        expected += logits[token] - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      });
      assert.ok(Math.abs(scores[index] - expected) < 1e-6, `${middle.join()}: ${scores[index]} and ${expected}`);
    });
  });
});
