import assert from "node:assert/strict";
import { mostLines, placeholders, selectedHoles, textAround } from "../../../src/fill/fillHoles.js";

const found = (text: string): string[] => placeholders(text).map(({ start, end }) => text.slice(start, end));

describe("placeholders of a document", () => {
  const rows: readonly [what: string, text: string, expected: readonly string[]][] = [
    ["a blank", "x = ___\n", ["___"]],
    ["a long blank", "x = ______;", ["______"]],
    ["several on a line", "f(___, ___)", ["___", "___"]],
    ["not two underscores", "for _, __ in pairs:", []],
    ["not within a name", "a___b = x___ + ___y + $___", []],
    ["not a dunder name", "def __init__(self): ___main___", []],
    ["a Python note", "def f():\n    # TODO: fill\n", ["# TODO: fill"]],
    ["a note with words, to the end of its line", "  // TODO: fill in the sum\n  return 1;", ["// TODO: fill in the sum"]],
    ["a note at a CRLF line end", "# TODO: fill\r\nx", ["# TODO: fill"]],
    ["a block note", "a(/* TODO: fill\n it */)", ["/* TODO: fill\n it */"]],
    ["a note in markup", "<p><!-- todo: fill --></p>", ["<!-- todo: fill -->"]],
    ["a note without marks", "TODO: fill", ["TODO: fill"]],
    ["not another note", "// TODO: filler\n# TODO fill\n# TODO: file", []],
    ["a note in a comment without an end", "/* TODO: fill\nx", ["TODO: fill"]],
    ["one note of a comment, whatever stands in it", "/* TODO: fill ___ # TODO: fill */ ___", ["/* TODO: fill ___ # TODO: fill */", "___"]],
    ["behind emoji", "🦀🦀 = ___", ["___"]],
    ["none in an empty text", "", []],
  ];
  for (const [what, text, expected] of rows) it(`include ${what}`, () => assert.deepEqual(found(text), expected));
});

describe("placeholders", () => {
  it("are found in no time among comments without an end", () => {
    for (const text of ["/* TODO: fill\n", "<!-- TODO: fill\n", "/*    \n", "# \t", "____a", "*/ /* TODO: fill "]) {
      const start = performance.now();
      placeholders(text.repeat(20_000));
      assert.ok(performance.now() - start < 500, JSON.stringify(text));
    }
  });
});

describe("the holes of cursors and selections", () => {
  const text = "a = ___ + b\n";
  const rows: readonly [what: string, selections: readonly [number, number][], expected: readonly [number, number][]][] = [
    ["a cursor is an empty hole", [[1, 1]], [[1, 1]]],
    ["a cursor in a placeholder means the placeholder", [[5, 5]], [[4, 7]]],
    ["a cursor at either end of one does too", [[7, 7]], [[4, 7]]],
    ["a selection is the hole, placeholder or not", [[3, 6]], [[3, 6]]],
    ["several cursors come in the order of the text", [[10, 10], [0, 0]], [[0, 0], [10, 10]]],
    ["two cursors in one placeholder are one hole", [[5, 5], [6, 6]], [[4, 7]]],
  ]; // prettier-ignore
  for (const [what, selections, expected] of rows) {
    it(what, () => {
      const holes = selectedHoles(
        text,
        selections.map(([start, end]) => ({ start, end })),
      );
      assert.deepEqual(
        holes.map(({ start, end }) => [start, end]),
        expected,
      );
    });
  }
});

describe("the text around one of several holes", () => {
  const text = "a(___, ___);";
  const holes = placeholders(text);

  it("has the fills of the holes before it", () => {
    assert.deepEqual(textAround(text, holes, ["xy", undefined], 1), { prefix: "a(xy, ", suffix: ");" });
  });

  it("has what the document says where nothing is filled", () => {
    assert.deepEqual(textAround(text, holes, [undefined, undefined], 1), { prefix: "a(___, ", suffix: ");" });
    assert.deepEqual(textAround(text, holes, [], 0), { prefix: "a(", suffix: ", ___);" });
  });
});

describe("the most lines of a fill", () => {
  const rows: readonly [what: string, text: string, most: 1 | undefined][] = [
    ["one where a bracket stands behind the hole", "f([])", 1],
    ["one where code stands behind it", "x = [a] + y\n", 1],
    ["any at the end of a line", "x = [a]\ny", undefined],
    ["any at the end of a CRLF line", "x = [a]  \r\ny", undefined],
    ["any at the end of the text", "x = []", undefined],
    ["any where the hole is several lines", "x = [a\nb] + y", undefined],
  ];
  for (const [what, text, most] of rows) {
    it(`are ${what}`, () => {
      const [prefix, middle, suffix] = text.split(/[[\]]/);
      assert.equal(mostLines(prefix + middle + suffix, { start: prefix.length, end: prefix.length + middle.length }), most);
    });
  }
});
