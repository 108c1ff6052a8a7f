import assert from "node:assert/strict";
import { languageOfFile } from "../../../src/cli/languageOfFile.js";

describe("the language of a file", () => {
  const table: [file: string, language: string | undefined][] = [
    ["a.py", "python"],
    ["some/folder.d/B.TSX", "typescriptreact"],
    ["x.test.mts", "typescript"],
    ["Makefile", undefined],
    ["a.", undefined],
    [".py", undefined],
    ["-", undefined],
    ["a.constructor", undefined],
  ];
  for (const [file, language] of table) it(`of ${file} is ${language}`, () => assert.equal(languageOfFile(file), language));
});
