import assert from "node:assert/strict";
import { fileNameOf } from "../../../src/client/fileNameOf.js";

describe("the name of a document's file", () => {
  it("is the last part of its address, as people write it", () => {
    assert.equal(fileNameOf("file:///home/me/a%20b.py"), "a b.py");
    assert.equal(fileNameOf("vscode-remote://ssh%2Bhost/home/me/caf%C3%A9.ts?x=1#L2"), "café.ts");
    assert.equal(fileNameOf("file:///c%3A/a.go"), "a.go");
  });

  it("is none where a document has no file of its own", () => {
    assert.equal(fileNameOf("untitled:Untitled-1"), undefined);
    assert.equal(fileNameOf("vscode-notebook-cell:/home/me/a.ipynb#W0"), undefined);
    assert.equal(fileNameOf("file:///"), undefined);
  });

  it("is taken as it is where it cannot be decoded", () => assert.equal(fileNameOf("file:///a%E0.py"), "a%E0.py"));
});
