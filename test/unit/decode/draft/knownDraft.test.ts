import assert from "node:assert/strict";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { KnownDrafter } from "../../../../src/decode/draft/knownDraft.js";

describe("KnownDrafter", () => {
  const drafter = new KnownDrafter([10, 11, 12, 13]);
  const table: [what: string, written: number[], length: number, drafted: number[]][] = [
    ["begins at its start", [], 3, [10, 11, 12]],
    ["goes on behind what agrees with it", [10, 11], 9, [12, 13]],
    ["is silent after a disagreement", [10, 99], 9, []],
    ["is silent when another text went on behind an agreement", [10, 11, 12, 13, 50], 9, []],
    ["is silent when all of it is written", [10, 11, 12, 13], 9, []],
  ];
  for (const [what, written, length, drafted] of table) {
    it(what, async () => assert.deepEqual((await drafter.draft({ layout: layoutOf([1, 2]), written }, length)).tokens, drafted));
  }
});
