import assert from "node:assert/strict";
import { asCode } from "../../../src/view/asCode.js";
import { asLabel } from "../../../src/view/asLabel.js";

describe("a text that somebody else wrote", () => {
  it("is one span of code in Markdown, cut where it is long", () => {
    assert.equal(asCode("a `b` | c\n\nd"), "`a b c d`");
    assert.equal(asCode("x".repeat(9), 4), "`xxxx`");
  });

  it("looks the same in a label, and has no picture and no link", () => {
    const label = asLabel("$(check) [a](command:b) f(x) $5 x[0](1)");
    assert.doesNotMatch(label, /[$\]]\(/);
    assert.equal(label.replaceAll("\u2060", ""), "$(check) [a](command:b) f(x) $5 x[0](1)");
    assert.equal(asLabel("qwen2.5-coder (Q4_K_M)"), "qwen2.5-coder (Q4_K_M)");
  });
});
