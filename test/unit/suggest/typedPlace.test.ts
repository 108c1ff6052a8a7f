import assert from "node:assert/strict";
import { typedPlace, type TextChange } from "../../../src/suggest/typedPlace.js";

const insert = (text: string, rangeOffset = 10, rangeLength = 0): TextChange => ({ rangeOffset, rangeLength, text });

const ROWS: readonly (readonly [claim: string, changes: readonly TextChange[], place: number | undefined])[] = [
  ["a key puts the cursor behind its character", [insert("a")], 11],
  ["a bracket that the editor closes puts it between", [insert("()")], 11],
  ["so does a quote", [insert('""')], 11],
  ["a deleted character puts it where the character was", [insert("", 10, 1)], 10],
  ["a closer typed over its like puts it behind", [insert(")", 10, 1)], 11],
  ["Enter puts it behind the indentation", [insert("\n    ")], 15],
  ["Enter between two brackets puts it on the line between", [insert("\n    \n")], 15],
  ["so it does with the line ends of Windows", [insert("\r\n\t\r\n")], 13],
  ["an emoji counts as its two units", [insert("🙂")], 12],
  ["several cursors have no place", [insert("a"), insert("a", 20)], undefined],
  ["a large paste has none", [insert("x".repeat(2000))], undefined],
];

describe("where the cursor will be after a change", () => {
  for (const [claim, changes, place] of ROWS) it(claim, () => assert.equal(typedPlace(changes), place));
});
