import assert from "node:assert/strict";
import { layoutOf } from "../../../../src/decode/sequence.js";
import type { Verifier } from "../../../../src/decode/verifier.js";
import { logProbability, TokenLikelihoods } from "../../../../src/engine/serve/tokenLikelihoods.js";

const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-5, `${actual}, not ${expected}`);

describe("how likely tokens are", () => {
  it("is the logarithm of their share of the row", () => {
    const logits = Float32Array.of(9, 9, 9, 0, Math.log(3), -Infinity, -90);
    near(logProbability(logits, 3, 4, 0), Math.log(1 / 4));
    near(logProbability(logits, 3, 4, 1), Math.log(3 / 4));
    assert.equal(logProbability(logits, 3, 4, 2), -Infinity);
    near(logProbability(logits, 3, 4, 3), -90 - Math.log(4));
  });

  it("is told of the tokens that a pass led to, row by row, and of the likeliest end after them", async () => {
    // Token 2 ends a text; each row makes another token three times as likely as the others.
    const rows = [0, 1, 2].flatMap((best) => [0, 1, 2, 3].map((token) => (token === best ? Math.log(3) : 0)));
    const verifier: Verifier = { vocabSize: 4, ends: new Set([2, 3]), next: async () => Float32Array.from(rows) };
    const likelihoods = new TokenLikelihoods(verifier);
    const pass = (): Promise<unknown> => likelihoods.watched.next({ layout: layoutOf([7]), written: [0, 1] }, 3);
    for (let time = 0; time < 2; time += 1) {
      await pass();
      near(likelihoods.of(0), Math.log(1 / 2));
      near(likelihoods.of(3), Math.log(1 / 6));
      near(likelihoods.ofEnd(), Math.log(1 / 2));
    }
  });
});
