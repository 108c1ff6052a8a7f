import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { filesBelow } from "./filesBelow.js";

const MODELS_LIMIT_BYTES = 125e6;
const LINE_LIMIT_CHARACTERS = 150;

const total = (bytes: readonly number[]): number => bytes.reduce((sum, each) => sum + each, 0);
const fits = (bytes: readonly number[]): boolean => total(bytes) <= MODELS_LIMIT_BYTES;

function wideLines(file: string, text: string): string[] {
  const describeLine = (line: string, index: number): string => `${file}:${index + 1} has ${line.length} characters`;
  return text.split("\n").flatMap((line, index) => (line.length > LINE_LIMIT_CHARACTERS ? [describeLine(line, index)] : []));
}

describe("file sizes", () => {
  it("keep models within 125 MB", () => {
    const bytes = filesBelow("models").map((file) => statSync(file).size);
    assert.ok(fits(bytes), `models holds ${total(bytes)} bytes`);
  });

  it("keep code within 150 columns", () => {
    const folders = ["src", "test", "bench"].flatMap((folder) => filesBelow(folder, ".ts"));
    const python = ["lacuna_training", "scripts", "tests"].flatMap((folder) => filesBelow(`training/${folder}`, ".py"));
    const scripts = ["esbuild", "notices", "bootstrap", "check", "package", "eslint.config"].map((name) => `${name}.mjs`);
    const files = [...folders, ...python, ...scripts, ".dependency-cruiser.cjs"];
    assert.deepEqual(
      files.flatMap((file) => wideLines(file, readFileSync(file, "utf8"))),
      [],
    );
  });

  it("are refused above their limits", () => {
    assert.ok(fits([MODELS_LIMIT_BYTES]));
    assert.ok(!fits([MODELS_LIMIT_BYTES, 1]));
    assert.equal(wideLines("a.ts", `${"x".repeat(150)}\n${"x".repeat(151)}`).length, 1);
  });
});
