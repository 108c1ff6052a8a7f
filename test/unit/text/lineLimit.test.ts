import assert from "node:assert/strict";
import { LineLimit } from "../../../src/text/lineLimit.js";

describe("LineLimit", () => {
  const table: [maxLines: number, pieces: string[], taken: string[]][] = [
    [1, ["ab", "c\nd", "e"], ["ab", "c", ""]],
    [1, ["\n", "a"], ["", ""]],
    [2, ["a\nb", "\nc\n"], ["a\nb", ""]],
    [2, ["a\n\nb"], ["a\n"]],
    [Infinity, ["a\n\n", "b\n"], ["a\n\n", "b\n"]],
  ];
  for (const [maxLines, pieces, taken] of table) {
    it(`takes ${JSON.stringify(taken)} of ${JSON.stringify(pieces)} within ${maxLines}`, () => {
      const limit = new LineLimit(maxLines);
      assert.deepEqual(pieces.map((piece) => limit.take(piece)), taken); // prettier-ignore
    });
  }
});
