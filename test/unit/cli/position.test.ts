import assert from "node:assert/strict";
import fc from "fast-check";
import { isBefore, offsetAt, parsePosition } from "../../../src/cli/position.js";
import { LacunaError } from "../../../src/protocol/errors.js";

const OFFSETS: readonly [claim: string, text: string, at: string, offset: number][] = [
  ["1:1 of an empty text is its only place", "", "1:1", 0],
  ["the column may be one past the last unit", "abc", "1:4", 3],
  ["the line after a final line end exists and is empty", "abc\n", "2:1", 4],
  ["lines end in LF", "ab\ncd", "2:2", 4],
  ["CR LF is one line end", "ab\r\ncd", "2:2", 5],
  ["CR alone ends a line, as in VS Code", "ab\rcd", "2:2", 4],
  ["line ends may differ within a text", "a\r\nb\nc\rd", "4:1", 7],
  ["an empty line has one place", "a\n\nb", "2:1", 2],
  ["the place before an emoji is one column", "x😀y", "1:2", 1],
  ["an emoji is two columns wide", "x😀y", "1:4", 3],
  ["between two emoji is a place", "😀😀", "1:3", 2],
  ["next to a lone surrogate is a place", "a\ud83db", "1:3", 2],
];

const FAULTS: readonly [claim: string, text: string, at: string, message: RegExp, remedy: RegExp][] = [
  ["a line beyond the end is told the number of lines", "a\nb\n", "4:1", /Line 4 does not exist: the file has 3 lines/, /from 1 to 3/],
  ["an empty file has one line", "", "2:1", /the file has 1 line\./, /from 1 to 1/],
  ["a column beyond the end is told the last column", "abc\nd", "1:5", /line 1 ends at column 4/, /from 1 to 4/],
  ["the line end CR LF is no part of the line", "abc\r\nd", "1:5", /line 1 ends at column 4/, /from 1 to 4/],
  ["an empty line is named as such", "a\n\nb", "2:2", /line 2 ends at column 1/, /name 2:1/],
  ["the inside of an emoji is no place", "x😀y", "1:3", /inside a character of two UTF-16 units/, /column 2 .* or 4 /],
];

describe("position", () => {
  for (const [claim, text, at, offset] of OFFSETS) it(claim, () => assert.equal(offsetAt(text, parsePosition(at)), offset));

  for (const [claim, text, at, message, remedy] of FAULTS) {
    it(claim, () => {
      assert.throws(
        () => offsetAt(text, parsePosition(at)),
        (error) => {
          return error instanceof LacunaError && error.code === "badPosition" && message.test(error.message) && remedy.test(error.remedy);
        },
      );
    });
  }

  for (const argument of ["", "1", "1:", ":1", "0:1", "1:0", "1:1:1", "-1:1", "1.5:1", " 1:1", "a:b", "١:١", "1:1\n"]) {
    it(`${JSON.stringify(argument)} is no position`, () => assert.throws(() => parsePosition(argument), /LINE:COLUMN/));
  }

  it("positions are ordered by line, then by column", () => {
    assert.equal(isBefore({ line: 2, column: 1 }, { line: 1, column: 9 }), false);
    assert.equal(isBefore({ line: 1, column: 9 }, { line: 2, column: 1 }), true);
    assert.equal(isBefore({ line: 1, column: 1 }, { line: 1, column: 2 }), true);
    assert.equal(isBefore({ line: 1, column: 2 }, { line: 1, column: 2 }), false);
  });

  it("every place of a text has one position, and the text before it has its lines", () => {
    const line = fc.stringMatching(/^[a-z😀]{0,6}$/u);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.constantFrom("\n", "\r\n", "\r"), fc.nat(), fc.nat(), (lines, end, l, c) => {
        const index = l % lines.length;
        const characters = [...lines[index]];
        const before = characters.slice(0, c % (characters.length + 1)).join("");
        const offset = offsetAt(lines.join(end), { line: index + 1, column: before.length + 1 });
        assert.equal(lines.join(end).slice(0, offset), [...lines.slice(0, index), before].join(end));
      }),
    );
  });
});
