import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { layoutOf } from "../../src/decode/sequence.js";
import { loadPair, type LoadedVerifier } from "../../src/engine/models/pair.js";

describe("rows of the shipped verifier", () => {
  let verifier: LoadedVerifier;
  let tokens: readonly number[];

  before(async () => {
    ({ verifier } = await loadPair({ modelsDir: path.resolve("models"), threads: 1, device: "cpu" }));
    tokens = verifier.tokenizer.encode(readFileSync("media/demo/example.py", "utf8")).slice(0, 300);
  });

  for (const rows of [1, 2, 3, 4, 5, 16, 33, 127, 128, 129, 250, 300]) {
    it(`are bit for bit the same when ${rows} of them are asked for at once`, async () => {
      const { exact, entry } = verifier;
      const [layout, written] = [layoutOf([tokens[0]]), tokens.slice(1)];
      await exact.prefill({ layout, written: [tokens[1] + 1] });
      const cold = (await exact.next({ layout, written }, rows)).slice(-entry.vocabSize);
      const warm = (await exact.next({ layout, written }, rows)).slice(-entry.vocabSize);
      assert.deepEqual(cold, warm);
      assert.deepEqual(cold, (await exact.next({ layout, written }, 1)).slice());
    });
  }
});
