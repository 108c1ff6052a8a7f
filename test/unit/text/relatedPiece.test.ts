import assert from "node:assert/strict";
import { relatedPiece } from "../../../src/text/relatedPiece.js";

describe("relatedPiece", () => {
  it("names the file in a comment of its language, and ends in a line end", () => {
    const rows = [
      ["lib/a.py", "x = 1", "# lib/a.py\nx = 1\n"],
      ["a.test.ts", "x;\n", "// a.test.ts\nx;\n"],
      ["q.sql", "select 1", "-- q.sql\nselect 1\n"],
      ["p.html", "<p>", "<!-- p.html -->\n<p>\n"],
      ["s.css", "a {}", "/* s.css */\na {}\n"],
      ["Makefile", "all:", "// Makefile\nall:\n"],
      ["a.PY", "x\r\ny", "# a.PY\nx\ny\n"],
    ];
    assert.deepEqual(
      rows.map(([path, text]) => relatedPiece({ path, text })),
      rows.map(([, , piece]) => piece),
    );
  });

  it("keeps a file's name on the comment's line, whatever it is", () => {
    assert.equal(relatedPiece({ path: "a\nb.py", text: "x" }), "# a b.py\nx\n");
  });
});
