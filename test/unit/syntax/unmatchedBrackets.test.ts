import assert from "node:assert/strict";
import { unmatchedBrackets } from "../../../src/syntax/unmatchedBrackets.js";

describe("unmatchedBrackets", () => {
  const table: [text: string, unmatched: number][] = [
    ["", 0],
    ["f(a[0], {b: 1})", 0],
    ["f(a[0]", 1],
    ["f(a]", 2],
    [")(", 2],
    ['f("(")', 0],
    ["f('\\'(')", 0],
    ["`${a}`)", 1],
    ['f("(\n)', 0],
    ["'", 0],
    ["\\", 0],
  ];
  for (const [text, unmatched] of table) it(`counts ${unmatched} in ${JSON.stringify(text)}`, () => assert.equal(unmatchedBrackets(text), unmatched));
});
