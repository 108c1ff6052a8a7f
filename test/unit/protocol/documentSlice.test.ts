import assert from "node:assert/strict";
import { documentSlice, MAX_PREFIX_UNITS, MAX_SUFFIX_UNITS } from "../../../src/protocol/documentSlice.js";

describe("documentSlice", () => {
  it("leaves a short document whole", () => {
    assert.deepEqual(documentSlice("abcdef", 2, 4), { prefix: "ab", suffix: "ef" });
  });

  it("keeps both sides short in a large document", () => {
    const text = "x".repeat(20_000_000);
    const { prefix, suffix } = documentSlice(text, 10_000_000, 10_000_000);
    assert.ok(prefix.length <= MAX_PREFIX_UNITS && prefix.length >= MAX_PREFIX_UNITS * 0.75);
    assert.equal(suffix.length, MAX_SUFFIX_UNITS);
  });

  it("does not move the far end of the prefix with every key", () => {
    const starts = new Set<number>();
    for (let typed = 0; typed < 6000; typed += 1) {
      const offset = 100_000 + typed;
      starts.add(offset - documentSlice("x".repeat(120_000), offset, offset).prefix.length);
    }
    assert.ok(starts.size <= 2, `${starts.size} different starts`);
  });

  it("never cuts a character in two at its far ends", () => {
    const text = "😀".repeat(40_000);
    for (const offset of [40_000, 40_002]) {
      const { prefix, suffix } = documentSlice(`x${text}`, offset + 1, offset + 1);
      assert.ok(!/^[\udc00-\udfff]/.test(prefix));
      assert.ok(!/[\ud800-\udbff]$/.test(suffix));
    }
  });
});
