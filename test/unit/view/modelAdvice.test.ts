import assert from "node:assert/strict";
import { modelAdvice, type PacedModel } from "../../../src/view/modelAdvice.js";

const model = (name: string, parameters: number, keyMs: number, jumpMs: number): PacedModel => ({
  ...{ name, folder: `/${name}`, parameters, memoryBytes: 2e9 },
  pace: { keyMs, jumpMs },
});
const small = model("small", 120e6, 20.2, 400);

describe("the advice which models to use", () => {
  it("is the largest that is quick enough for typing", () => {
    const { typing, fills, text } = modelAdvice([small, model("large", 1.5e9, 61, 1100), model("giant", 7e9, 400, 6000)], 0);
    assert.deepEqual([typing.name, fills], ["large", undefined]);
    assert.match(text, /large: first text 61 ms after a key, 1\.1 s after a jump of the cursor\./);
    assert.match(text, /giant is too slow for typing here, and both at once need more memory than is free/);
  });

  it("is two models where the larger one is too slow after a key or after a jump, and memory is there for both", () => {
    for (const slow of [model("large", 1.5e9, 300, 900), model("large", 1.5e9, 60, 5000)]) {
      const { typing, fills, text } = modelAdvice([small, slow], 8e9);
      assert.deepEqual([typing.name, fills?.name], ["small", "large"]);
      assert.match(text, /large is too slow for typing here: small can serve the keys, and large Fill in the Middle\./);
      assert.equal(modelAdvice([small, slow], 2.2e9).fills, undefined);
    }
    assert.equal(modelAdvice([small, { ...model("large", 1.5e9, 300, 900), memoryBytes: undefined }], 8e9).fills, undefined);
  });

  it("is the quickest where none is quick enough, and says nothing of choosing where there is one alone", () => {
    assert.equal(modelAdvice([model("a", 3e9, 500, 900), model("b", 1e9, 300, 900)], 0).typing.name, "b");
    assert.equal(modelAdvice([small], 0).text, "small: first text 20 ms after a key, 400 ms after a jump of the cursor.");
  });
});
