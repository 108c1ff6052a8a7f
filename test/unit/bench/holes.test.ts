import assert from "node:assert/strict";
import ts from "typescript";
import type { HoleFill } from "../../../bench/library/holesBench.js";
import { summarizeHoles } from "../../../bench/library/holesSummary.js";
import { pythonHoles } from "../../../bench/library/pythonHoles.js";
import { pythonLines } from "../../../bench/library/pythonLines.js";
import { nothingIn, repositoryHoles, withMiddle } from "../../../bench/library/repositoryHoles.js";
import { scriptHoles } from "../../../bench/library/scriptHoles.js";
import { unitTokenizer } from "../text/fixtureTokenizer.js";

const PYTHON = [
  "import os",
  "LIMIT = 3",
  "def first(x):",
  '    """Says: if x: return."""',
  "    if x:  # a comment: with a colon",
  "        total = sum([",
  "            x,  # inside",
  "        ])",
  "        return total",
  "    text = '''",
  "  not code: at all",
  "    '''",
  "    return text + \\",
  "        'more'",
  "",
].join("\n");

const cut = (text: string, holes: readonly { kind: string; start: number; end: number }[]): string[] =>
  holes.map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

describe("holes in Python", () => {
  it("are statements inside functions and bodies of compound statements, docstrings left out", () => {
    const body = PYTHON.slice(PYTHON.indexOf("if x:  #"), -1);
    const statement = "total = sum([\n            x,  # inside\n        ])";
    const found = [
      `block: ${body}`,
      `block: ${statement}\n        return total`,
      `statement: ${statement}`,
      "statement: return total",
      "statement: text = '''\n  not code: at all\n    '''",
      "statement: return text + \\\n        'more'",
    ];
    assert.deepEqual(cut(PYTHON, pythonHoles(PYTHON)), found);
  });

  it("end before a comment, and lines keep brackets, strings and continuations together", () => {
    const text = "def f():\n\treturn {'#': \"a\\\"b\"}  # '''\n";
    assert.deepEqual(cut(text, pythonHoles(text)), ['statement: return {\'#\': "a\\"b"}']);
    assert.deepEqual(
      pythonLines(PYTHON).map(({ indentation }) => indentation),
      [0, 0, 0, 4, 4, 8, 8, 4, 4],
    );
  });

  it("are none in a file without code, and in one that is cut off inside a string", () => {
    for (const text of ["", "# nothing\n", 'x = """']) assert.deepEqual(pythonHoles(text), []);
  });
});

describe("holes in JavaScript", () => {
  it("are simple statements of blocks, and the contents of blocks of several", () => {
    const text = 'import a from "a";\nfunction f(x) {\n  "use strict";\n  if (x) { return /[}]/.test(`${x}}`); }\n  const y = a(\n    x);\n}\n';
    const block = text.slice(text.indexOf('"use strict"'), text.lastIndexOf("\n}"));
    const found = ["statement: const y = a(\n    x);", `block: ${block}`, "statement: return /[}]/.test(`${x}}`);"];
    assert.deepEqual(cut(text, scriptHoles(ts, "f.js", text)), found);
  });
});

describe("holes of a repository", () => {
  const files = [
    { file: "pkg/a.py", text: PYTHON },
    { file: "tests/test_a.py", text: PYTHON },
    { file: "pkg/b.test.js", text: "function f() { return g(1, 2, 3); }" },
  ];

  it("are cut in the product, not in its tests, and the seed decides their order", async () => {
    const keysOf = async (seed: number): Promise<string[]> => (await repositoryHoles(files, unitTokenizer, seed)).map(({ key }) => key);
    const keys = await keysOf(1);
    assert.ok(keys.length >= 3 && keys.every((key) => key.startsWith("pkg/a.py:")));
    assert.deepEqual(await keysOf(1), keys);
    const orders = await Promise.all([2, 3, 4, 5].map(async (seed) => (await keysOf(seed)).join()));
    assert.ok(orders.some((order) => order !== keys.join()));
    assert.deepEqual([...keys].sort(), (await keysOf(9)).sort());
  });

  it("are filled in place, and left empty by what the language has for it", async () => {
    const [hole] = await repositoryHoles(files, unitTokenizer, 1);
    assert.equal(withMiddle(hole, hole.truth), PYTHON);
    assert.equal(withMiddle(hole, "X").length, PYTHON.length - hole.truth.length + 1);
    assert.equal(nothingIn(hole), "pass");
    assert.equal(nothingIn({ ...hole, file: "a.js" }), ";");
  });
});

describe("summarizeHoles", () => {
  const fill = (changes: Partial<HoleFill>): HoleFill => ({
    type: "fill", key: "k", file: "f", kind: "statement", method: "m", outcome: "failed", isExact: false, editSimilarity: 0.5,
    tokens: 4, trueTokens: 5, passes: 10, ms: 20, middle: "", ...changes,
  }); // prettier-ignore

  it("counts by kind and by the length of what was cut out", () => {
    const { all, byKind, byLength, exact } = summarizeHoles("m", [
      fill({ outcome: "passed", isExact: true }),
      fill({ trueTokens: 12, kind: "block", file: "g" }),
      fill({ trueTokens: 16, kind: "block", outcome: "passed" }),
      fill({ trueTokens: 64, outcome: "timeout" }),
    ]);
    assert.deepEqual([all.holes, all.passed, exact], [4, 0.5, 0.25]);
    assert.deepEqual([byKind.statement.passed, byKind.block.passed], [0.5, 0.5]);
    const counted = Object.entries(byLength).map(([name, { holes, passed }]) => [name, holes, passed]);
    assert.deepEqual(counted, [
      ["3 to 8", 1, 1],
      ["9 to 16", 2, 0.5],
      ["33 to 64", 1, 0],
    ]);
  });

  it("draws the holes where all are of one file: one group says nothing of how sure a share is", () => {
    const { all } = summarizeHoles("m", [fill({ outcome: "passed" }), fill({}), fill({ outcome: "passed" }), fill({})]);
    assert.ok(all.interval.low < all.passed && all.interval.high > all.passed);
  });
});
