import assert from "node:assert/strict";
import { suggestionExtent, type SuggestionExtent } from "../../../src/suggest/suggestionExtent.js";
import { surroundingsOf } from "../../../src/suggest/surroundings.js";

/** The cursor is at `|`; what is shown while one types, and when a person asks. */
const ROWS: readonly (readonly [line: string, typed: SuggestionExtent, asked: SuggestionExtent])[] = [
  ["|", "block", "block"],
  ["    |", "block", "block"],
  ["def f(x):|", "block", "block"],
  ["x = |", "statement", "block"],
  ["# a note |", "line", "block"],
  ["if (a) {|}", "line", "line"],
  ["f(|)", "line", "line"],
  ["f(a, |)", "line", "line"],
  ['print("|")', "line", "line"],
  ["    |}", "line", "line"],
  ["x = | + y", "line", "line"],
  ["|return x", "line", "line"],
  ["f({| });  // why", "line", "line"],
];

describe("how much is suggested", () => {
  for (const [line, typed, asked] of ROWS) {
    it(`is a ${typed} at ${JSON.stringify(line)} while one types, a ${asked} when it is asked for`, () => {
      const [linePrefix, lineSuffix] = line.split("|");
      const around = surroundingsOf(linePrefix, lineSuffix);
      assert.deepEqual([suggestionExtent(around, false), suggestionExtent(around, true)], [typed, asked]);
    });
  }
});
