import assert from "node:assert/strict";
import { promptWindow } from "../../../src/text/promptWindow.js";
import { unitTokenizer } from "./fixtureTokenizer.js";

const ids = { fimSuffix: 60_001, fimPrefix: 60_002 };
const windowOf = (prefix: string, suffix: string, budget = 200) => promptWindow(unitTokenizer, ids, prefix, suffix, budget, 8);

/** Lines of 9 characters and a line feed. */
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${String(index).padStart(4, "0")}\n`).join("");

describe("promptWindow", () => {
  it("puts the suffix first and the prefix last", () => {
    const { tokens, suffixHead } = windowOf("ab", "cd");
    assert.deepEqual(tokens, [ids.fimSuffix, 99, 100, ids.fimPrefix, 97, 98]);
    assert.deepEqual(suffixHead, [99, 100]);
  });

  it("stays within its budget however long the document is", () => {
    for (const count of [0, 3, 20, 21, 100, 3000]) {
      assert.ok(windowOf(lines(count), lines(count)).tokens.length <= 200);
    }
  });

  it("keeps what stands next to the hole", () => {
    const { tokens } = windowOf(lines(500), lines(500));
    assert.ok(unitTokenizer.decode(tokens).endsWith("line 0499\n"));
    assert.equal(unitTokenizer.decode(tokens.slice(1, 10)), "line 0000");
  });

  it("extends at its end while one types, but for a rare step", () => {
    let steps = 0;
    let previous = windowOf(lines(300), "x").tokens;
    const typed = "return value_of(everything)\n".repeat(8);
    for (let length = 1; length <= typed.length; length += 1) {
      const { tokens } = windowOf(lines(300) + typed.slice(0, length), "x");
      if (tokens.slice(0, -1).join() !== previous.join()) steps += 1;
      previous = tokens;
    }
    assert.ok(steps <= Math.ceil(typed.length / 64) + 2, `${steps} steps in ${typed.length} keys`);
  });

  it("leaves more room to the prefix when the suffix is short", () => {
    const prefixTokens = (suffix: string): number => {
      const { tokens } = windowOf(lines(500), suffix);
      return tokens.length - tokens.indexOf(ids.fimPrefix) - 1;
    };
    assert.ok(prefixTokens("") > prefixTokens(lines(500)));
  });
});
