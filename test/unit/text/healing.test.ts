import assert from "node:assert/strict";
import { healedEnd } from "../../../src/text/healing.js";

describe("healedEnd", () => {
  const table: [prefix: string, healed: string][] = [
    ["return ", " "],
    ["x = ", " "],
    ["return", ""],
    ["    ", ""],
    ["if x:\n    ", ""],
    ["a  ", ""],
    ["", ""],
    ["a\n ", ""],
  ];
  for (const [prefix, healed] of table) {
    it(`is ${JSON.stringify(healed)} after ${JSON.stringify(prefix)}`, () => assert.equal(healedEnd(prefix), healed));
  }
});
