import assert from "node:assert/strict";
import { createRandom } from "../../../src/base/random.js";
import { BlockEnd } from "../../../src/text/blockEnd.js";

interface Case {
  readonly title: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly answer: string;
  readonly kept: string;
}

const CASES: readonly Case[] = [
  {
    title: "a second function, where one was to be filled",
    prefix: "def f(x):\n",
    suffix: "",
    answer: "    return x\n\n\ndef g():\n",
    kept: "    return x\n",
  },
  { title: "examples at the left margin", prefix: "def f(x):\n    ", suffix: "", answer: "return x\n\n# Test cases\nprint(f(1))", kept: "return x" },
  { title: "the line that stands below already", prefix: "a = 1\n", suffix: "b = 2\nc = 3\n", answer: "x = 0\nb = 2\nc = 3\n", kept: "x = 0\n" },
  { title: "that line, right of the cursor", prefix: "f(\n    ", suffix: "b,\n)\n", answer: "a,\n    b,\n)", kept: "a," },
  {
    title: "a fence and what is said after it",
    prefix: "def f(x):\n",
    suffix: "",
    answer: "    return x\n```\nThis returns x.",
    kept: "    return x\n",
  },
  {
    title: "the next method",
    prefix: "class A:\n    def f(self):\n        ",
    suffix: "",
    answer: "pass\n\n    def g(self):\n        pass",
    kept: "pass",
  },
  {
    title: "what follows the body of a function that began on the line",
    prefix: "def f(x):",
    suffix: "",
    answer: "\n    return x\n\nf(1)\n",
    kept: "\n    return x",
  },
];

const WHOLE: readonly Omit<Case, "kept">[] = [
  { title: "an else at the margin", prefix: "if a:\n    ", suffix: "", answer: "b()\nelse:\n    c()\n" },
  { title: "the closing bracket", prefix: "function f() {\n  ", suffix: "", answer: "g();\n}\n" },
  {
    title: "less indented lines without a blank line before",
    prefix: "def f():\n    for x in y:\n        ",
    suffix: "",
    answer: "g(x)\n    return y",
  },
  { title: "lines of a string at the margin", prefix: "def f():\n    ", suffix: "", answer: 'x = """\nSELECT 1\n"""\n    return x' },
  { title: "a fence in a document that has one", prefix: "```js\na\n```\n", suffix: "", answer: "\n```js\nb\n```\n" },
  { title: "statements at the margin where the hole is there", prefix: "import a\n", suffix: "", answer: "import b\n\nc = 1\n" },
  { title: "a middle of one line", prefix: "total = ", suffix: "\nprint(total)\n", answer: "sum(xs)" },
  { title: "blank lines at the end", prefix: "a\n", suffix: "b\n", answer: "x\n\n" },
  { title: "nothing", prefix: "a\n", suffix: "b\n", answer: "" },
  { title: "a bracket like the one below, deeper", prefix: "{\n  ", suffix: "\n}\n", answer: "f() {\n  }" },
];

/** What is kept of the text of a hole. */
const FILLS: readonly Case[] = [
  { title: "its only line, which stands below too", prefix: "x = [\n    0,\n    ", suffix: "\n    0,\n]\n", answer: "0,", kept: "0," },
  { title: "that line with its end", prefix: "x = [\n", suffix: "    0,\n]\n", answer: "    0,\n", kept: "    0,\n" },
  { title: "that line, where others follow", prefix: "x = [\n    ", suffix: "\n    0,\n]\n", answer: "0,\n    1,", kept: "0,\n    1," },
  { title: "nothing, where it goes on as the lines below do", prefix: "a\n", suffix: "b\nc\nd\n", answer: "b\nc\nd\n", kept: "" },
  {
    title: "what stands before the second of them",
    prefix: "x = [\n    ",
    suffix: "\n    0,\n]\n",
    answer: "0,\n    1,\n    0,\n]",
    kept: "0,\n    1,",
  },
  {
    title: "what follows the block it began in, as far as the left margin",
    prefix: "def f(a):\n    for x in a:\n",
    suffix: "",
    answer: "        g(x)\n\n    return 1\n\ndef h():\n    pass\n",
    kept: "        g(x)\n\n    return 1\n",
  },
  {
    title: "that, as far as the line below",
    prefix: "def f(a):\n    for x in a:\n        ",
    suffix: "\n    return y\n",
    answer: "g(x)\n\n    y = 1\n    return y\n",
    kept: "g(x)\n\n    y = 1",
  },
];

function through({ prefix, suffix }: Pick<Case, "prefix" | "suffix">, pieces: readonly string[], fillsHole = false): string {
  const end = new BlockEnd(prefix, suffix, fillsHole);
  const taken = pieces.map((piece) => end.take(piece)).join("");
  return taken + end.end();
}

describe("BlockEnd", () => {
  for (const each of CASES) it(`cuts ${each.title}`, () => assert.equal(through(each, [each.answer]), each.kept));
  for (const each of FILLS) it(`keeps of a hole's text ${each.title}`, () => assert.equal(through(each, [each.answer], true), each.kept));
  for (const each of WHOLE) it(`keeps ${each.title}`, () => assert.equal(through(each, [each.answer]), each.answer));

  it("keeps the same of a text however it is cut in pieces, and never takes a piece back", () => {
    const random = createRandom(5);
    const all = [...CASES, ...WHOLE.map((whole) => ({ ...whole, kept: whole.answer })), ...FILLS.map((fill) => ({ ...fill, fillsHole: true }))];
    for (const each of all) {
      for (let round = 0; round < 20; round += 1) {
        const pieces: string[] = [];
        for (let at = 0; at < each.answer.length;) {
          const length = 1 + Math.floor(random.next() * 5);
          pieces.push(each.answer.slice(at, at + length));
          at += length;
        }
        assert.equal(through(each, pieces, "fillsHole" in each), each.kept, `${each.title}: ${JSON.stringify(pieces)}`);
      }
    }
  });

  it("says when nothing more gets through", () => {
    const end = new BlockEnd("def f(x):\n", "");
    end.take("    return x\n\n");
    assert.equal(end.isReached, false);
    end.take("\ndef g(x):");
    assert.equal(end.isReached, true);
  });
});
