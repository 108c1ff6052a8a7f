import assert from "node:assert/strict";
import { indentStyle, reindented, type IndentStyle } from "../../../src/suggest/indentation.js";

const TABS: IndentStyle = { kind: "tabs" };
const spaces = (width: number): IndentStyle => ({ kind: "spaces", width });

describe("the indentation of a file", () => {
  const files: readonly (readonly [claim: string, text: string, style: IndentStyle | undefined])[] = [
    ["is unknown without an indented line", "a\nb\n\n", undefined],
    ["is unknown when it is mixed", "\ta\n  b\n\tc\n  d", undefined],
    ["is tabs", "a\n\tb\n\t\tc", TABS],
    ["is two spaces", "a\n  b\n    c\n  d", spaces(2)],
    ["is four spaces", "a\n    b\n        c\n    d", spaces(4)],
    ["does not mind a stray line", `${"\ta\n".repeat(9)} * b`, TABS],
  ];
  for (const [claim, text, style] of files) it(claim, () => assert.deepEqual(indentStyle(text), style));
});

describe("a text in another indentation", () => {
  const rows: readonly (readonly [claim: string, text: string, style: IndentStyle, isLineStart: boolean, result: string])[] = [
    ["has tabs for spaces", "\n    a\n        b", TABS, false, "\n\ta\n\t\tb"],
    ["has spaces for tabs", "\n\ta\n\t\tb", spaces(2), false, "\n  a\n    b"],
    ["keeps the one space of a comment's star", "\n     * a", TABS, false, "\n\t * a"],
    ["keeps the blanks within lines", "a    b\n    c", TABS, false, "a    b\n\tc"],
    ["begins with blanks that belong to the line of the cursor", "    a", TABS, false, "    a"],
    ["begins with indentation at the start of a line", "    a", TABS, true, "\ta"],
    ["waits with white space at its end", "a\n   ", TABS, false, "a"],
    ["waits with the whole line end of Windows", "a()\r\n    ", spaces(4), false, "a()"],
    ["waits with the half of one", "a()\r", TABS, false, "a()"],
  ];
  for (const [claim, text, style, isLineStart, result] of rows) it(claim, () => assert.equal(reindented(text, style, isLineStart), result));

  it("only grows while text is appended", () => {
    const text = "x {\n    a\n\n        b\n\tc\n}";
    for (const style of [TABS, spaces(2)]) {
      for (let end = 0; end < text.length; end += 1) {
        assert.ok(reindented(text, style, false).startsWith(reindented(text.slice(0, end), style, false)), JSON.stringify(text.slice(0, end)));
      }
    }
  });
});
