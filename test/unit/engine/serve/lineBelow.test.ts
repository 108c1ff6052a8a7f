import assert from "node:assert/strict";
import { saysLineBelow } from "../../../../src/engine/serve/lineBelow.js";

describe("saysLineBelow", () => {
  it("finds the next line that is not blank, however it is indented and wherever the hole begins on its own", () => {
    assert.equal(saysLineBelow("    return x\n", { prefix: "def f(x):\n", suffix: "    return x\n" }), true);
    assert.equal(saysLineBelow("return x", { prefix: "def f(x):\n    ", suffix: "\n\n    return x\n" }), true);
    assert.equal(saysLineBelow("\n    return x", { prefix: "def f(x):", suffix: "\n    return x\n" }), true);
    assert.equal(saysLineBelow("turn x\r\n    y", { prefix: "a\n    re", suffix: "\r\n    return x\r\n" }), true);
  });

  it("does not mind other lines, signs alone, or a hole with nothing below", () => {
    assert.equal(saysLineBelow("return x", { prefix: "    ", suffix: "\n    return y\n" }), false);
    assert.equal(saysLineBelow("    }\n", { prefix: "if (a) {\n", suffix: "    }\n" }), false);
    assert.equal(saysLineBelow("return x", { prefix: "    ", suffix: "\n\n" }), false);
    assert.equal(saysLineBelow("x", { prefix: "y = f(", suffix: ", x)\nx\n" }), false);
  });
});
