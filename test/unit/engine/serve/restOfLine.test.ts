import assert from "node:assert/strict";
import { withoutRestOfLine } from "../../../../src/engine/serve/restOfLine.js";

const cut = (prefix: string, middle: string, suffix: string): string => withoutRestOfLine(middle, { prefix, suffix, languageId: "python" });

describe("withoutRestOfLine", () => {
  it("cuts off the rest of the line where the middle says it again", () => {
    assert.equal(cut("y = join([", "up(ch) for ch in s])", " for ch in s])\n"), "up(ch)");
    assert.equal(cut("return ", "self.name", "name\n"), "self.");
  });

  it("cuts off closing brackets that are there already, and no others", () => {
    assert.equal(cut("a = [x for x in xs", " if x > 0]", "]\n"), " if x > 0");
    assert.equal(cut("a = sorted(f(x", ", key=len))", "))\n"), ", key=len");
    assert.equal(cut("a = f(", "g(x)", ")\n"), "g(x)");
    assert.equal(cut("a = f(", "g(x))", ")\n"), "g(x)");
  });

  it("cuts off a part of the signs behind the hole where the middle has no more", () => {
    assert.equal(cut("f(g(", "x)", "))\n"), "x");
  });

  it("cuts off a separator that is there already", () => {
    assert.equal(cut("return ", "2 * width;", ";\n"), "2 * width");
    assert.equal(cut("f(", "a,", ", b)\n"), "a");
    assert.equal(cut("x[", "1:", ":2]\n"), "1:");
  });

  it("cuts off what comes behind the repeated rest too", () => {
    assert.equal(cut("if a", " > 1:\n    pass\n", ":\n    return a\n"), " > 1:\n    pass\n");
    assert.equal(cut("f(", "a, b)\ng(c)\n", ")\n"), "a, b");
    assert.equal(cut("f(", "a, b)\r\ng(c)\r\n", ")\r\n"), "a, b");
  });

  it("leaves a middle alone that only begins as the rest does, or has nothing else to say", () => {
    assert.equal(cut("x = ", "value + 1", " + 2\n"), "value + 1");
    assert.equal(cut("x = ", "name", "name\n"), "name");
    assert.equal(cut("x = ", "a", "\n    name\n"), "a");
    assert.equal(cut("x = ", "f(a)", ""), "f(a)");
  });
});
