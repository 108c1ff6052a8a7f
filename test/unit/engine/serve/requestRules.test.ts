import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { requestRules } from "../../../../src/engine/serve/requestRules.js";
import { parseManifest } from "../../../../src/protocol/parseManifest.js";
import { verifierOf } from "../../../../src/protocol/manifest.js";
import { TextBeginnings } from "../../../../src/text/textBeginnings.js";
import { TokenClass } from "../../../../src/text/tokenClass.js";
import { createTokenizer } from "../../../../src/text/tokenizer.js";

const entry = verifierOf(parseManifest(readFileSync("models/manifest.json", "utf8")));
const tokenizer = createTokenizer(readFileSync(`models/${entry.tokenizer.path}`, "utf8"));
const beginnings = new TextBeginnings(tokenizer, entry.vocabSize);
const blanks = new TokenClass(tokenizer, entry.vocabSize, (text) => /^\s*_+$/.test(text));
const verifier = { entry, tokenizer, beginnings, blanks, fences: new Set<number>() };

describe("what a request adds to what may be written", () => {
  const barredIn = (prefix: string, mustSay: boolean, written = ""): number[] => {
    const { barred } = requestRules(verifier, { prefix, suffix: "\n" }, mustSay);
    return [...(barred?.(tokenizer.encode(written)) ?? [])];
  };
  const COPIED = ["____", "__", " ____"].map((text) => tokenizer.encode(text)[0]);

  it("is that a fill begins with no blank where the document has blanks", () => {
    for (const token of COPIED) assert.ok(barredIn("a = ____\nb = ", true).includes(token));
    assert.deepEqual(barredIn("a = ____\nb = ", true, "self."), []);
  });

  it("is nothing of that where it has none, or where nobody asked for a fill", () => {
    assert.deepEqual(barredIn("a = 1\nb = ", true), []);
    assert.deepEqual(barredIn("a = ____\nb = ", false), []);
  });
});
