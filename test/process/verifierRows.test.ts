import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { loadModels, type LoadedModels } from "../../src/engine/models/loadedModels.js";

describe("rows of the shipped verifier", () => {
  let models: LoadedModels;
  let tokens: readonly number[];

  before(async () => {
    models = await loadModels({ modelsDir: path.resolve("models"), threads: 1, device: "cpu" });
    tokens = models.tokenizer.encode(readFileSync("media/demo/example.py", "utf8")).slice(0, 300);
  });

  for (const rows of [1, 2, 3, 4, 5, 16, 33, 127, 128, 129, 250, 300]) {
    it(`are bit for bit the same when ${rows} of them are asked for at once`, async () => {
      const { verifier, verifierFacts } = models;
      await verifier.prefill([tokens[1]]);
      const cold = (await verifier.next(tokens, rows)).slice(-verifierFacts.vocabSize);
      const warm = (await verifier.next(tokens, rows)).slice(-verifierFacts.vocabSize);
      assert.deepEqual(cold, warm);
      assert.deepEqual(cold, (await verifier.next(tokens, 1)).slice());
    });
  }
});
