import assert from "node:assert/strict";
import { healedEnd } from "../../../src/text/healing.js";
import type { Tokenizer } from "../../../src/text/tokenizer.js";
import { unitTokenizer } from "./fixtureTokenizer.js";
import { repositoryTokenizer } from "./repositoryTokenizer.js";

/** One token a run of letters with one character before it, as in the tokens of Qwen. */
const runTokenizer = (text: string): Tokenizer => {
  const runs = text.match(/[^\r\n\p{L}\p{N}]?\p{L}+|[^]/gu) ?? [];
  return { encode: () => runs.map((_, index) => index), decode: (ids) => ids.map((id) => runs[id]).join("") };
};

describe("healedEnd", () => {
  const table: [prefix: string, healed: string][] = [
    ["return ", " "],
    ["x = ", " "],
    ["    ", ""],
    ["if x:\n    ", ""],
    ["a  ", ""],
    ["", ""],
    ["a\n ", ""],
    ["ret", "ret"],
    ["x = ret", " ret"],
    ["if x:\n    ret", " ret"],
    ["if x:\r\n    ret", " ret"],
    ["x = my_var", " my_var"],
    ["f(1", ""],
    ["x1", ""],
    ["x = )", ""],
    ["na\u00efve", ""],
    ["\u00e9t", ""],
    [`x = ${"a".repeat(60)}`, ""],
  ];
  for (const [prefix, healed] of table) {
    it(`is ${JSON.stringify(healed)} after ${JSON.stringify(prefix)}`, () => assert.equal(healedEnd(prefix, repositoryTokenizer), healed));
  }

  it("begins where the first token of the word does", () => {
    const rows: [prefix: string, healed: string][] = [
      ["self.comp", ".comp"],
      ["f(comp", "(comp"],
      ["if x:\n    ret", " ret"],
      ["x\nret", "ret"],
      ["a\n\tret", "\tret"],
    ];
    for (const [prefix, healed] of rows) {
      const tail = prefix.slice(Math.max(0, prefix.lastIndexOf("\n")));
      assert.equal(healedEnd(prefix, runTokenizer(tail)), healed, prefix);
    }
    assert.equal(healedEnd("self.comp", unitTokenizer), "comp");
  });
});
