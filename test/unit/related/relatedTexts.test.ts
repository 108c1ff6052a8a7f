import assert from "node:assert/strict";
import { identifiers, similarity } from "../../../src/related/identifiers.js";
import { importedNames, moduleName } from "../../../src/related/importedNames.js";
import { relatedTexts } from "../../../src/related/relatedTexts.js";

const filler = (count: number, name: string): string =>
  Array.from({ length: count }, (_, index) => `${name}${index} = ${name}Of(${index})\n`).join("");
const QUEUE = `class Queue:\n    def enqueue(self, job):\n        self.jobs.append(job)\n`;
const pathsOf = (text: string, files: Parameters<typeof relatedTexts>[1]): string[] =>
  relatedTexts({ text, offset: text.length }, files).map(({ path }) => path);

describe("the related texts", () => {
  it("come from the window of a file that shares names with the lines around the cursor", () => {
    const text = filler(100, "other") + QUEUE + filler(100, "more");
    const [{ path, text: piece }] = relatedTexts({ text: "queue = Queue()\nqueue.enqueue(job)\nqueue.jobs", offset: 45 }, [{ path: "q.py", text }]);
    assert.equal(path, "q.py");
    assert.ok(piece.includes("class Queue:") && piece.includes("def enqueue") && piece.length < text.length / 3, piece);
  });

  it("are none where no name is shared", () => {
    assert.deepEqual(
      pathsOf("alpha = beta(gamma)\n", [
        { path: "q.py", text: QUEUE },
        { path: "empty.py", text: "" },
      ]),
      [],
    );
  });

  it("have the most alike last, next to the prefix", () => {
    const files = [
      { path: "near.py", text: QUEUE },
      { path: "far.py", text: `${QUEUE}${filler(8, "thing")}` },
    ];
    assert.deepEqual(pathsOf(QUEUE, files), ["far.py", "near.py"]);
    assert.deepEqual(pathsOf(QUEUE, files.toReversed()), ["far.py", "near.py"]);
  });

  it("prefer a file that is imported, and among equals the one in hand last", () => {
    const [a, b] = ["a.py", "lib/b.py"].map((path) => ({ path, text: QUEUE }));
    assert.deepEqual(pathsOf(QUEUE, [a, b]), ["lib/b.py", "a.py"]);
    assert.deepEqual(pathsOf(`from lib.b import Queue\n${QUEUE}`, [a, b]), ["a.py", "lib/b.py"]);
  });

  it("are at most four, two of a file, small, of whole lines that do not overlap", () => {
    const files = Array.from({ length: 6 }, (_, index) => ({ path: `${index}.py`, text: QUEUE.repeat(200) }));
    const pieces = relatedTexts({ text: QUEUE, offset: 0 }, files);
    assert.equal(pieces.length, 4);
    for (const { path } of pieces) assert.ok(pieces.filter((other) => other.path === path).length <= 2);
    for (const { text } of pieces) assert.ok(text.length <= 1201 && text.endsWith("\n") && QUEUE.repeat(200).includes(text));
    const lines = Array.from({ length: 100 }, (_, index) => `enqueue(job, ${index})\n`).join("");
    const [first, second] = relatedTexts({ text: "enqueue(job)", offset: 0 }, [{ path: "a.py", text: lines }]);
    assert.deepEqual(
      first.text.split("\n").filter((line) => line !== "" && second.text.includes(`${line}\n`)),
      [],
    );
  });
});

describe("the names in a text", () => {
  it("are words of some length that no language reserves, each once", () => {
    const rows: [string, string[]][] = [
      ["const total = sum(values) + total;", ["total", "sum", "values"]],
      ["for i in xs: return None", []],
      ["größe = $el._private", ["größe", "$el", "_private"]],
      ["", []],
    ];
    for (const [text, names] of rows) assert.deepEqual([...identifiers(text)], names, text);
  });

  it("are alike by what they share of what both have", () => {
    const of = (text: string): Set<string> => new Set(text);
    const rows: [string, string, number][] = [
      ["abc", "abc", 1],
      ["ab", "cd", 0],
      ["abc", "bcd", 0.5],
      ["", "", 0],
      ["", "a", 0],
    ];
    for (const [a, b, alike] of rows) assert.equal(similarity(of(a), of(b)), alike, `${a} ${b}`);
  });
});

describe("the imported names", () => {
  it("are found in no time in many blank lines, and in many imports without a name", () => {
    for (const text of ["    \n", "import \n", "from\n\n", "use  \t", "require(((", "import 'a"]) {
      const start = performance.now();
      importedNames(text.repeat(20_000));
      assert.ok(performance.now() - start < 500, JSON.stringify(text));
    }
  });

  it("are the modules' last names, in the languages that import", () => {
    const rows: [string, string[]][] = [
      ["import os.path\nfrom a.b import c\nfrom . import d", ["path", "b"]],
      [`import { x } from "../host/lib/queue.js";\nimport "side";\nconst y = require('../other')`, ["queue", "side", "other"]],
      [`import type { T } from "../lib/index.js"`, ["lib"]],
      ['#include <vector>\n#include "base/list.h"', ["vector", "list"]],
      ["use crate::decode::canvas;", ["canvas"]],
      ["important = 'importer'\n", []],
    ];
    for (const [text, names] of rows) assert.deepEqual([...importedNames(text)].sort(), [...names].sort(), text);
  });

  it("are what a file is called by others", () => {
    const rows = [
      ["src/lib/queue.ts", "queue"],
      ["lib/__init__.py", "lib"],
      ["a.test.ts", "test"],
      ["x", "x"],
    ];
    for (const [path, name] of rows) assert.equal(moduleName(path), name);
  });
});
