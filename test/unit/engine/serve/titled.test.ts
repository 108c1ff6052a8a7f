import assert from "node:assert/strict";
import { titled } from "../../../../src/engine/serve/titled.js";

describe("the text before a hole as a model reads it", () => {
  const empty = { prefix: "", suffix: "", fileName: "parse_dates.py", languageId: "python" };

  it("begins with the file's name where the document says nothing yet", () => {
    assert.equal(titled(empty), "# parse_dates.py\n");
    assert.equal(titled({ ...empty, prefix: "\n\n", suffix: "\n}" }), "# parse_dates.py\n\n\n");
  });

  it("is the document's own where that has a word on either side", () => {
    assert.equal(titled({ ...empty, prefix: "x" }), "x");
    assert.equal(titled({ ...empty, suffix: "\n# été\n" }), "");
  });

  it("has no name where none is known, nor how a comment is written", () => {
    assert.equal(titled({ ...empty, fileName: undefined }), "");
    assert.equal(titled({ ...empty, languageId: undefined }), "");
  });

  it("keeps a strange name to one line", () => assert.equal(titled({ ...empty, fileName: "a\nb.py" }), "# ab.py\n"));
});
