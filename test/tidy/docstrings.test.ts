import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { filesBelow } from "./filesBelow.js";
import { exportsOf } from "./moduleOutline.js";

const FOLDERS = ["decode", "text", "engine", "server", "network", "child", "convert", "models", "protocol"];

function undocumented(file: string, text: string): string[] {
  return exportsOf(file, text)
    .filter(({ isFunction, hasDocstring }) => isFunction && !hasDocstring)
    .map(({ name }) => `${file}: ${name} has no docstring`);
}

describe("docstrings", () => {
  for (const folder of FOLDERS) {
    it(`say what every exported function of ${folder} does`, () => {
      const files = filesBelow(`src/${folder}`, ".ts");
      assert.ok(files.length > 0);
      assert.deepEqual(
        files.flatMap((file) => undocumented(file, readFileSync(file, "utf8"))),
        [],
      );
    });
  }

  it("are missed on functions and on constants that hold one", () => {
    const text = "// not a docstring\nexport function a() {}\n/***/\nexport const b = () => 1;\nexport async function* c() {}";
    assert.deepEqual(undocumented("x.ts", text), ["x.ts: a has no docstring", "x.ts: b has no docstring", "x.ts: c has no docstring"]);
  });

  it("are not asked of inner functions and values", () => {
    assert.deepEqual(undocumented("x.ts", "function a() {}\nexport const B = 1;\n/** Says it. */\nexport function c() {}"), []);
  });
});
