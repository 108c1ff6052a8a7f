import assert from "node:assert/strict";
import type { PromptFormatData } from "../../../src/protocol/manifest.js";
import { PromptFormat, type PromptLayout } from "../../../src/text/promptFormat.js";
import { unitTokenizer } from "./fixtureTokenizer.js";

const ids = { fimSuffix: 60_001, fimPrefix: 60_002, fimMiddle: 60_003 };
const SUFFIX_FIRST: PromptFormatData = {
  order: "suffixFirst",
  ...{ start: [], suffix: [ids.fimSuffix], prefix: [ids.fimPrefix], middle: [ids.fimMiddle], related: { form: "comment" } },
};
const layOut = (prefix: string, suffix: string, promptTokens: number, related: readonly string[] = []): PromptLayout =>
  new PromptFormat(SUFFIX_FIRST, unitTokenizer).layOut(
    { prefix, suffix, related: related.map((text) => ({ path: "x.py", text })) },
    { promptTokens, suffixHeadTokens: 8 },
  );
const windowOf = (prefix: string, suffix: string, budget = 200): { tokens: readonly number[]; suffixHead: readonly number[] } => {
  const { prompt, suffixHead } = layOut(prefix, suffix, budget);
  return { tokens: prompt, suffixHead };
};

/** Lines of 9 characters and a line feed. */
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${String(index).padStart(4, "0")}\n`).join("");

describe("a prompt with the suffix first", () => {
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

  it("puts related pieces before the prefix, each behind a comment that names its file, the last next to it", () => {
    const { prompt } = layOut("ab", "cd", 200, ["x\n", "y\n"]);
    assert.deepEqual(prompt, [ids.fimSuffix, 99, 100, ids.fimPrefix, ...unitTokenizer.encode("# x.py\nx\n# x.py\ny\nab")]);
  });

  it("gives related pieces only the room that the text around the hole leaves, whole pieces, the last first", () => {
    // Each is 50 units long with its comment.
    const pieces = ["a", "b", "c"].map((name) => `${name.repeat(41)}\n`);
    const related = (prefixUnits: number): string => {
      const { prompt } = layOut("p".repeat(prefixUnits), "", 202, pieces);
      return unitTokenizer.decode(prompt.slice(2, -prefixUnits));
    };
    const [a, b, c] = pieces.map((piece) => `# x.py\n${piece}`);
    assert.equal(a.length, 49);
    assert.deepEqual([1, 53, 54, 102, 103, 151, 152].map(related), [a + b + c, a + b + c, b + c, b + c, c, c, ""]);
    assert.deepEqual(layOut(lines(500), lines(500), 200, pieces), layOut(lines(500), lines(500), 200));
  });

  it("is read with the marker between prompt and text, and searched as it stands", () => {
    const { prompt, marker, begun, around } = layOut("ab", "cd", 200);
    assert.deepEqual([marker, begun, around], [[ids.fimMiddle], [], prompt]);
  });
});

describe("a prompt with the prefix first", () => {
  const data: PromptFormatData = { ...SUFFIX_FIRST, order: "prefixFirst", start: [7] };
  const budget = { promptTokens: 200, suffixHeadTokens: 8 };

  it("ends with the suffix, and is searched with the prefix at its end", () => {
    const { prompt, marker, around } = new PromptFormat(data, unitTokenizer).layOut({ prefix: "ab", suffix: "cd" }, budget);
    assert.deepEqual(prompt, [7, ids.fimPrefix, 97, 98, ids.fimSuffix, 99, 100]);
    assert.deepEqual(marker, [ids.fimMiddle]);
    assert.deepEqual(around, [ids.fimSuffix, 99, 100, ids.fimPrefix, 97, 98]);
  });

  it("keeps its tokens while one types: what was typed begins the middle", () => {
    const format = new PromptFormat(data, unitTokenizer);
    const first = format.layOut({ prefix: "ab", suffix: "cd" }, budget);
    const later = format.layOut({ prefix: "abxy", suffix: "cd" }, budget);
    assert.deepEqual([later.prompt, later.begun], [first.prompt, [120, 121]]);
  });

  it("is made anew where something else changed, or much was typed", () => {
    const changed = (prefix: string, suffix: string): readonly number[] => {
      const format = new PromptFormat(data, unitTokenizer);
      format.layOut({ prefix: "ab", suffix: "cd" }, budget);
      return format.layOut({ prefix, suffix }, budget).begun;
    };
    assert.deepEqual([changed("ax", "cd"), changed("ab", "xd"), changed(`ab${"x".repeat(201)}`, "cd")], [[], [], []]);
    assert.equal(changed(`ab${"x".repeat(200)}`, "cd").length, 200);
  });
});

describe("a prompt in the form of a repository", () => {
  it("has other files ahead of everything, each behind a marker and its path", () => {
    const data: PromptFormatData = { ...SUFFIX_FIRST, related: { form: "repository", repository: [1], file: [2] } };
    const around = { prefix: "ab", suffix: "cd", related: [{ path: "x.py", text: "x\n" }] };
    const { prompt } = new PromptFormat(data, unitTokenizer).layOut(around, { promptTokens: 200, suffixHeadTokens: 8 });
    const ahead = [1, ...unitTokenizer.encode("repository\n"), 2, ...unitTokenizer.encode("x.py\nx\n"), 2];
    assert.deepEqual(prompt, [...ahead, ids.fimSuffix, 99, 100, ids.fimPrefix, 97, 98]);
  });
});
