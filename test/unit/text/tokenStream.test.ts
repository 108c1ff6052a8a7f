import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { TokenStream } from "../../../src/text/tokenStream.js";
import { createTokenizer } from "../../../src/text/tokenizer.js";
import { tinyCheckpoint } from "../convert/checkpointFolder.js";

describe("TokenStream", () => {
  const tokenizer = createTokenizer(readFileSync(path.join(tinyCheckpoint, "tokenizer.json"), "utf8"));

  it("holds an unfinished character back until its last byte is there", () => {
    const ids = tokenizer.encode("a😀b");
    assert.ok(ids.length > 3, "the emoji is several tokens");
    const stream = new TokenStream(tokenizer);
    const pieces = ids.map((id) => stream.push([id]));
    assert.ok(pieces.every((piece) => !piece.includes("\ufffd")));
    assert.equal(pieces.join("") + stream.end(), "a😀b");
  });

  it("drops an unfinished character at the end", () => {
    const ids = tokenizer.encode("a😀");
    const stream = new TokenStream(tokenizer);
    const text = ids
      .slice(0, -1)
      .map((id) => stream.push([id]))
      .join("");
    assert.equal(text + stream.end(), "a");
  });
});
