import assert from "node:assert/strict";
import { isWithinLine, placeholders, selectedHoles, textAround } from "../../../src/host/fillHoles.js";

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
    ["behind emoji", "🦀🦀 = ___", ["___"]],
    ["none in an empty text", "", []],
  ];
  for (const [what, text, expected] of rows) it(`include ${what}`, () => assert.deepEqual(found(text), expected));
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
      const holes = selectedHoles(text, selections.map(([start, end]) => ({ start, end })));
      assert.deepEqual(holes.map(({ start, end }) => [start, end]), expected);
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

describe("a hole is within a line", () => {
  const rows: readonly [what: string, before: string, hole: string, behind: string, expected: boolean][] = [
    ["when text follows on the line", "a = ", "", " + b\n", true],
    ["when a closing bracket follows", "f(", "x, y", ")\n", true],
    ["when text follows at the end of the file", "f(", "", ")", true],
    ["not at the end of a line", "a = ", "", "\nb", false],
    ["not at the end of a line with \\r\\n", "a = ", "", "\r\nb", false],
    ["not before white space alone", "a = ", "1", " \t\nb", false],
    ["not at the end of the file", "a = ", "", "", false],
    ["not when it is of several lines", "f(", "x,\n  y", ")\n", false],
    ["not when it ends with a line", "", "x\r\n", "y\n", false],
  ];
  for (const [what, before, hole, behind, expected] of rows) {
    it(what, () => {
      assert.equal(isWithinLine(before + hole + behind, { start: before.length, end: before.length + hole.length }), expected);
    });
  }
});
