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

  it("puts related pieces before the prefix, the last next to it", () => {
    const { tokens } = promptWindow(unitTokenizer, ids, "ab", "cd", 200, 8, ["x\n", "y\n"]);
    assert.deepEqual(tokens, [ids.fimSuffix, 99, 100, ids.fimPrefix, ...unitTokenizer.encode("x\ny\nab")]);
  });

  it("gives related pieces only the room that the text around the hole leaves, whole pieces, the last first", () => {
    const pieces = ["a", "b", "c"].map((name) => name.repeat(50));
    const related = (prefixUnits: number): string => {
      const { tokens } = promptWindow(unitTokenizer, ids, "p".repeat(prefixUnits), "", 202, 8, pieces);
      return unitTokenizer.decode(tokens.slice(2, -prefixUnits));
    };
    const [a, b, c] = pieces;
    assert.deepEqual([1, 50, 51, 100, 101, 150, 151].map(related), [a + b + c, a + b + c, b + c, b + c, c, c, ""]);
    const without = promptWindow(unitTokenizer, ids, lines(500), lines(500), 200, 8);
    assert.deepEqual(promptWindow(unitTokenizer, ids, lines(500), lines(500), 200, 8, pieces), without);
  });
});
