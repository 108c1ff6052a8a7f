import assert from "node:assert/strict";
import { fromLf, lineEndOf, toLf } from "../../../src/text/lineEnds.js";

describe("line ends", () => {
  const table: [string, string][] = [
    ["", "\n"],
    ["one line", "\n"],
    ["a\nb\n", "\n"],
    ["a\r\nb\r\n", "\r\n"],
    ["a\r\nb\n", "\n"],
    ["a\r\nb\nc\r\n", "\r\n"],
  ];
  for (const [text, expected] of table) {
    it(`of ${JSON.stringify(text)} are ${JSON.stringify(expected)}`, () => {
      assert.equal(lineEndOf(text), expected);
    });
  }

  it("come back as they were", () => {
    assert.equal(fromLf(toLf("a\r\nb\r\n"), "\r\n"), "a\r\nb\r\n");
    assert.equal(fromLf("a\nb", "\n"), "a\nb");
  });
});
