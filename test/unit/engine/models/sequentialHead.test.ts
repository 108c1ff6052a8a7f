import assert from "node:assert/strict";
import { createRandom } from "../../../../src/base/random.js";
import { SequentialHead } from "../../../../src/engine/models/sequentialHead.js";

const ALIGNMENT = 4096;
const RANK = 2;
const TOKENS = 200;

/** A file in which class 3 after class 7 is likelier by 5, and nothing else changes. */
function file(): ArrayBuffer {
  const previous = new Float32Array((TOKENS + 3) * RANK);
  const following = new Float32Array((TOKENS + 1) * RANK);
  previous.set([1, 0], 7 * RANK);
  following.set([5, 0], 3 * RANK);
  const tokens = Int32Array.from({ length: TOKENS }, (_, index) => 1000 + index);
  const parts = [tokens, previous, following, Float32Array.of(2, 0)].map((part) => {
    const padded = new Uint8Array(Math.ceil(part.byteLength / ALIGNMENT) * ALIGNMENT);
    padded.set(new Uint8Array(part.buffer));
    return padded;
  });
  return new Uint8Array(Buffer.concat(parts)).buffer;
}

describe("SequentialHead", () => {
  const head = new SequentialHead(file(), { headTokens: TOKENS, rank: RANK });
  const rising = Float32Array.from({ length: TOKENS + 1 }, (_, index) => index / 100);
  const nothing = TOKENS + 2;

  it("reads the ids of its classes", () => {
    assert.deepEqual([head.tokens.length, head.tokens[0], head.tokens[TOKENS - 1]], [TOKENS, 1000, 1000 + TOKENS - 1]);
  });

  it("looks at the best classes in their order, and never at END", () => {
    const { classes, logits } = head.candidates(rising, nothing);
    assert.deepEqual(classes, Array.from({ length: 32 }, (_, index) => TOKENS - 32 + index));
    assert.deepEqual([...logits], classes.map((each) => rising[each])); // prettier-ignore
  });

  it("misses none of the best, wherever they stand, nor any of equal ones", () => {
    const random = createRandom(1);
    const logits = Float32Array.from({ length: TOKENS + 1 }, () => random.next());
    const best = [...logits.subarray(0, TOKENS).keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 32);
    const { classes } = head.candidates(logits, nothing);
    assert.ok(best.every((each) => classes.includes(each)) && classes.length < TOKENS);
    assert.equal(head.candidates(new Float32Array(TOKENS + 1), nothing).classes.length, TOKENS);
  });

  it("adds what the token before says, to the logits and to the certainty", () => {
    const flat = new Float32Array(TOKENS + 1);
    const after = (before: number): number => head.candidates(flat, before).logits[3];
    assert.deepEqual([after(7), after(8), after(nothing)], [5, 0, 0]);
    assert.ok(Math.abs(head.chance(-1, 7) - 1 / (1 + Math.exp(-1))) < 1e-7);
    assert.equal(head.chance(0, nothing), 0.5);
  });
});
