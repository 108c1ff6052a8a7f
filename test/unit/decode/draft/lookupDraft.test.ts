import assert from "node:assert/strict";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { LONGEST_MATCH, lookupDrafter } from "../../../../src/decode/draft/lookupDraft.js";

const draft = async (sequence: number[], length = 3): Promise<readonly number[]> =>
  (await lookupDrafter().draft({ layout: layoutOf(sequence), written: [] }, length)).tokens;

describe("lookupDrafter", () => {
  it("proposes what followed the last three tokens where they stood before", async () => {
    assert.deepEqual(await draft([1, 2, 3, 7, 8, 9, 1, 2, 3]), [7, 8, 9]);
  });

  it("proposes nothing after fewer than three tokens in common", async () => {
    assert.deepEqual(await draft([0, 2, 3, 7, 8, 9, 1, 2, 3]), []);
    assert.deepEqual(await draft([]), []);
    assert.deepEqual(await draft([5, 5]), []);
  });

  it("prefers the longest match, and the latest of equal ones", async () => {
    assert.deepEqual(await draft([9, 1, 2, 3, 40, 0, 1, 2, 3, 50, 9, 1, 2, 3], 1), [40]);
    assert.deepEqual(await draft([1, 2, 3, 40, 1, 2, 3, 50, 1, 2, 3], 1), [50]);
  });

  it("goes on with a repetition past the end of the sequence", async () => {
    assert.deepEqual(await draft([4, 4, 4, 4], 5), [4, 4, 4, 4, 4]);
    assert.deepEqual(await draft([1, 2, 1, 2, 1, 2], 5), [1, 2, 1, 2, 1]);
  });

  it("keeps to matches between its bounds, all beyond the longest counting as that", async () => {
    const matching = (length: number): number[] => {
      const repeated = Array.from({ length }, (_, index) => 100 + index);
      return [1, ...repeated, 7, 8, 2, ...repeated];
    };
    for (const length of [1, 2, 3, 15, 16, 17, 40]) {
      const bounds: [number, number][] = [[1, 1], [2, 2], [3, 15], [16, 16]]; // prettier-ignore
      const proposals = await Promise.all(
        bounds.map(([shortest, longest]) => lookupDrafter(shortest, longest).draft({ layout: layoutOf(matching(length)), written: [] }, 2)),
      );
      const counted = Math.min(length, LONGEST_MATCH);
      const expected = bounds.map(([shortest, longest]) => (counted >= shortest && counted <= longest ? [7, 8] : []));
      assert.deepEqual(proposals.map(({ tokens }) => tokens), expected); // prettier-ignore
    }
  });
});
