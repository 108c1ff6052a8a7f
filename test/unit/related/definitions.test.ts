import assert from "node:assert/strict";
import { definitionNames } from "../../../src/related/definitionNames.js";
import { definitionPiece } from "../../../src/related/definitionPiece.js";
import { relatedTexts } from "../../../src/related/relatedTexts.js";

describe("names whose definitions are asked for", () => {
  const namesAt = (marked: string): string[] => {
    const offset = marked.indexOf("|");
    return definitionNames({ text: marked.replace("|", ""), offset }).map(({ name }) => name);
  };

  it("are those about the cursor, the nearest first, each once", () => {
    assert.deepEqual(namesAt("alpha = beta(gamma)\ndelta(alpha, |)\nepsilon"), ["alpha", "epsilon", "delta", "gamma", "beta"]);
  });

  it("lack the word that is being typed, words of languages, and what is far away", () => {
    assert.deepEqual(namesAt(`far\n${"\n".repeat(20)}return await near(typ|ed`), ["near"]);
    assert.deepEqual(namesAt("|"), []);
  });

  it("are where the text has them", () => {
    const text = "one two\nthree(four)\n";
    for (const { name, at } of definitionNames({ text, offset: text.length })) assert.equal(text.slice(at, at + name.length), name);
  });

  it("are at most eight", () => {
    const many = Array.from({ length: 30 }, (_, index) => `name${index}`).join(" ");
    assert.equal(definitionNames({ text: many, offset: many.length }).length, 8);
  });
});

describe("the piece of a definition", () => {
  const code = "import os\ndef alpha(x):\n    y = x\n\n    return y\ndef beta():\n    pass\nconst f = {\n  a: 1,\n};\nlet g;\n";

  it("is what the provider says where it says more than a name", () => {
    assert.equal(definitionPiece(code, { first: 1, last: 2 }), "def alpha(x):\n    y = x\n");
  });

  it("is the block below a name, with what closes it", () => {
    assert.equal(definitionPiece(code, { first: 1, last: 1 }), "def alpha(x):\n    y = x\n\n    return y\n");
    assert.equal(definitionPiece(code, { first: 7, last: 7 }), "const f = {\n  a: 1,\n};\n");
    assert.equal(definitionPiece(code, { first: 10, last: 10 }), "let g;\n\n");
  });

  it("is short, and never nothing of a line that is not there", () => {
    const long = `def f():\n${"    line = 1\n".repeat(300)}`;
    assert.ok(definitionPiece(long, { first: 0, last: 300 }).split("\n").length <= 17);
    assert.ok(definitionPiece(`${"x".repeat(5000)}\n${"y".repeat(5000)}\n`, { first: 0, last: 1 }).length < 5010);
    assert.equal(definitionPiece(code, { first: 99, last: 99 }), "\n");
  });
});

describe("related texts with definitions", () => {
  const definition = (path: string, text: string): { path: string; text: string } => ({ path, text });

  it("have them last, the nearest name's at the very end, and few of them", () => {
    const definitions = ["a", "b", "c", "d"].map((name) => definition(`${name}.py`, `def ${name}(): ...\n`));
    assert.deepEqual(relatedTexts({ text: "x", offset: 1 }, [], definitions).map(({ path }) => path), ["c.py", "b.py", "a.py"]); // prettier-ignore
  });

  it("have none twice", () => {
    const text = "class Queue:\n    def enqueue(self, job):\n        self.jobs.append(job)\n";
    const pieces = relatedTexts({ text: "queue = Queue()\nqueue.enqueue(job)\n", offset: 35 }, [definition("q.py", text)], [
      definition("q.py", "    def enqueue(self, job):\n"),
    ]); // prettier-ignore
    assert.equal(pieces.length, 1);
  });
});
