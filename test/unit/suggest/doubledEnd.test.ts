import assert from "node:assert/strict";
import { withoutDoubledEnd } from "../../../src/suggest/closerOverlap.js";
import { surroundingsOf } from "../../../src/suggest/surroundings.js";

describe("the end of a fill", () => {
  const rows: readonly [what: string, before: string, text: string, behind: string, expected: string][] = [
    ["loses a colon that follows", "if ", "x is None:", ":\n", "x is None"],
    ["loses a semicolon that follows", "let a = ", "1;", ";", "1"],
    ["loses a bracket and a colon that follow", "def f(self", ", x):", "):", ", x"],
    ["loses a bracket that follows and that it did not open", "print(", "x)", ")", "x"],
    ["keeps a bracket that it opened", "print(", "f(x)", ")", "f(x)"],
    ["keeps both where it opened one of two", "print(f(", "g(x)", "))", "g(x)"],
    ["loses a quote that follows", 'a = "', 'text"', '"', "text"],
    ["keeps a colon that nothing follows", "if ", "x:", "\n", "x:"],
    ["keeps a colon before other text", "x[", "1:", "2]", "1:"],
    ["keeps letters that follow too", "a = ", "abc", "c", "abc"],
  ];
  for (const [what, before, text, behind, expected] of rows) {
    it(what, () => assert.equal(withoutDoubledEnd(text, surroundingsOf(before, behind)), expected));
  }
});
