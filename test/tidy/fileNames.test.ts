import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { filesBelow } from "./filesBelow.js";
import { exportsOf } from "./moduleOutline.js";

const FORBIDDEN = new Set(["index", "utils", "util", "helpers", "helper", "types", "common", "manager", "misc", "shared"]);
/** Files that are started, not imported. */
const ENTRIES = new Set(["src/extension.ts", "src/web.ts", "src/engine/main.ts", "src/server/main.ts", "src/cli/main.ts"]);
/** Files named after what their exports have in common. */
const NAMED_AFTER_A_SET = new Set([
  "src/cli/codeView.ts",
  "src/convert/checkpoint.ts",
  "src/decode/infill/confidence.ts",
  "src/protocol/messages.ts",
]);

const stem = (file: string): string => path.posix.basename(file).replace(/(\.test)?\.ts$/, "");
const wordsOf = (name: string): string[] => (name.match(/[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])/g) ?? []).map((word) => word.toLowerCase().slice(0, 4));

function badName(file: string): string | undefined {
  if (!/^[a-z][A-Za-z0-9]*$/.test(stem(file))) return `${file}: not camelCase`;
  if (/manager$/i.test(stem(file))) return `${file}: a manager of what? Name the noun`;
  if (FORBIDDEN.has(stem(file).toLowerCase())) return `${file}: says nothing about what is inside`;
  return undefined;
}

function foreignName(file: string, exported: readonly string[]): string | undefined {
  const words = new Set(exported.flatMap(wordsOf));
  if (wordsOf(stem(file)).some((word) => words.has(word))) return undefined;
  return `${file}: shares no word with its exports (${exported.join(", ") || "none"})`;
}

describe("file names", () => {
  it("are camelCase and say what is inside", () => {
    const files = [...filesBelow("src", ".ts"), ...filesBelow("test", ".ts"), ...filesBelow("bench", ".ts")];
    assert.deepEqual(
      files.map(badName).filter((problem) => problem !== undefined),
      [],
    );
  });

  it("in src share a word with an export", () => {
    const files = filesBelow("src", ".ts").filter((file) => !ENTRIES.has(file) && !NAMED_AFTER_A_SET.has(file));
    assert.ok(files.length > 0);
    const problems = files.map((file) =>
      foreignName(
        file,
        exportsOf(file, readFileSync(file, "utf8")).map(({ name }) => name),
      ),
    );
    assert.deepEqual(
      problems.filter((problem) => problem !== undefined),
      [],
    );
  });

  it("are refused when they are barrels, collections or not camelCase", () => {
    const samples = ["src/a/index.ts", "src/a/utils.ts", "src/a/Types.ts", "src/a/kv-cache.ts", "src/a/engineManager.ts", "test/a/helpers.test.ts"];
    assert.deepEqual(
      samples.filter((file) => badName(file) === undefined),
      [],
    );
    assert.equal(badName("src/engine/models/kvCache.ts"), undefined);
  });

  it("are refused when no export has a word of them", () => {
    assert.match(foreignName("src/a/canvas.ts", ["Slot", "commitSlot"]) ?? "", /shares no word/);
    assert.equal(foreignName("src/a/canvas.ts", ["createCanvas"]), undefined);
  });
});
