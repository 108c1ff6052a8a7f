import assert from "node:assert/strict";
import { canvasRows } from "../../../src/fill/canvasRows.js";
import { displayText } from "../../../src/fill/displayText.js";
import type { CanvasSlotText } from "../../../src/protocol/messages.js";

const mask: CanvasSlotText = { text: "", confidence: 0 };
const token = (text: string, confidence = 0.9): CanvasSlotText => ({ text, confidence });
const place = { column: 4, tabSize: 4, rest: " + 1", hasSeveralLines: false };

function painted(slots: readonly CanvasSlotText[], earlier: readonly CanvasSlotText[] = [], where = place): string[] {
  const rows = canvasRows(slots, earlier, where);
  return rows.map((row) => row.map(({ kind, text, column, width }) => `${kind}@${column}+${width}:${text}`).join("|"));
}

describe("the rows of a canvas", () => {
  const rows: readonly [claim: string, slots: readonly CanvasSlotText[], expected: readonly string[]][] = [
    ["an empty canvas is one empty row", [], [""]],
    ["masks are blocks side by side", [mask, mask], ["mask@0+3:|mask@3+3:"]],
    ["tokens are marked by their probability", [token("a", 0.8), token("b", 0.5), token("c", 0.49)], ["sure@0+1:a|unsure@1+1:b|doubtful@2+1:c"]],
    ["blanks are not marked", [token("a"), token(" b", 0.1), token("  ", 0.1)], ["sure@0+2:a |doubtful@2+1:b|sure@3+2:  "]],
    ["tokens of one kind are one piece", [token("foo"), token("("), token(")")], ["sure@0+5:foo()"]],
    ["a token with a line end begins a row at its first column", [token("a\n  b")], ["sure@0+1:a", "sure@0+3:  b|rest@3+4: + 1"]],
    ["a line end of two characters is one", [token("a\r\nb")], ["sure@0+1:a", "sure@0+1:b|rest@1+4: + 1"]],
    ["what follows a canvas of one line is not painted", [token("a")], ["sure@0+1:a"]],
    ["an empty line is an empty row", [token("a\n\nb")], ["sure@0+1:a", "", "sure@0+1:b|rest@1+4: + 1"]],
    ["tabs reach to the next stop of the line", [token("a\tb")], ["sure@0+5:a   b"]],
    ["tabs begin anew in the next row", [token("\n\tb")], ["", "sure@0+5:    b|rest@5+4: + 1"]],
    ["a token of no text that was decided is nothing", [token("")], [""]],
    ["wide characters take two columns", [token("🦀"), token("語", 0.6)], ["sure@0+2:🦀|unsure@2+2:語"]],
  ];
  for (const [claim, slots, expected] of rows) it(claim, () => assert.deepEqual(painted(slots), expected));

  it("show what the latest step decided", () => {
    assert.deepEqual(painted([token("a"), token("b"), mask], [token("a"), mask, mask]), ["sure@0+1:a|fresh@1+1:b|mask@2+3:"]);
  });

  it("paint what follows a hole of several lines", () => {
    assert.deepEqual(painted([token("a")], [], { ...place, hasSeveralLines: true }), ["sure@0+1:a|rest@1+4: + 1"]);
  });

  it("show nothing as new when the canvas is another one", () => {
    assert.deepEqual(painted([token("a")], [mask, mask]), ["sure@0+1:a"]);
  });
});

describe("a line as it is shown", () => {
  const rows: readonly [line: string, column: number, tabSize: number, text: string, width: number][] = [
    ["", 0, 4, "", 0],
    ["\t", 0, 4, "    ", 4],
    ["\t", 3, 4, " ", 1],
    ["ab\tc", 0, 8, "ab      c", 9],
    ["e\u0301", 0, 4, "e\u0301", 1],
    ["é語🦀", 0, 4, "é語🦀", 5],
  ];
  for (const [line, column, tabSize, text, width] of rows) {
    it(`${JSON.stringify(line)} at column ${column} is ${width} wide`, () => assert.deepEqual(displayText(line, column, tabSize), { text, width }));
  }
});
