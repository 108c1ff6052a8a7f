import assert from "node:assert/strict";
import { commentOf } from "../../../src/syntax/commentOf.js";

describe("a comment of a language", () => {
  const forms: Readonly<Record<string, string>> = {
    python: "# a.x",
    typescript: "// a.x",
    shellscript: "# a.x",
    lua: "-- a.x",
    latex: "% a.x",
    css: "/* a.x */",
    html: "<!-- a.x -->",
    haskell: "-- a.x",
    clojure: "; a.x",
  };
  for (const [languageId, comment] of Object.entries(forms))
    it(`is ${comment} in ${languageId}`, () => assert.equal(commentOf("a.x", languageId), comment));

  it("is none in a language that is not known", () => {
    assert.equal(commentOf("a.x", undefined), undefined);
    assert.equal(commentOf("a.x", "klingon"), undefined);
  });
});
