import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { filesBelow } from "./filesBelow.js";
import { testTitlesOf } from "./moduleOutline.js";

/** Folders of test that are run: by the checks, in a real editor, or with real checkpoints. */
const RUN_FOLDERS = ["unit", "golden", "tidy", "parity", "process", "vscode", "models", "server"];

const isClaim = (title: string): boolean => /\s/.test(title.trim()) && !/^(should|tests?|works)\b|\b(correctly|properly|as expected)$/i.test(title);

function badTitles(file: string, text: string): string[] {
  return testTitlesOf(file, text)
    .filter(({ kind, title }) => kind === "it" && !isClaim(title))
    .map(({ title, line }) => `${file}:${line} "${title}" is not a claim`);
}

const isRun = (file: string): boolean => RUN_FOLDERS.includes(file.split("/")[1]);

describe("test titles", () => {
  const files = filesBelow("test", ".test.ts");

  it("are claims about the subject", () => {
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.flatMap((file) => badTitles(file, readFileSync(file, "utf8"))),
      [],
    );
  });

  it("belong to files in folders that are run", () => {
    assert.deepEqual(
      files.filter((file) => !isRun(file)),
      [],
    );
    assert.ok(!isRun("test/other/a.test.ts"));
  });

  it("are refused when they say that something should be or works", () => {
    const text = ["should delete a slot", "works", "decodes correctly", "delete"].map((title) => `it("${title}", () => {});`).join("\n");
    assert.equal(badTitles("a.test.ts", text).length, 4);
    assert.deepEqual(badTitles("a.test.ts", 'it("delete removes the slot and shifts later commits left", () => {});'), []);
  });
});
