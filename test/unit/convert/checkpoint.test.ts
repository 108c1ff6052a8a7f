import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { readQwen2Config } from "../../../src/convert/checkpoint.js";
import { tinyCheckpoint, unusableWith, withFolder, writeVariant } from "./checkpointFolder.js";

const bad: { config: Record<string, unknown>; sentence: RegExp }[] = [
  { config: { model_type: "llama" }, sentence: /of the type "llama", not "qwen2"/ },
  { config: { hidden_act: "gelu" }, sentence: /activation "gelu"/ },
  { config: { rope_scaling: { type: "yarn", factor: 4 } }, sentence: /rope_scaling/ },
  { config: { use_sliding_window: true }, sentence: /use_sliding_window/ },
  { config: { quantization_config: { quant_method: "gptq" } }, sentence: /quantized already/ },
  { config: { vocab_size: undefined }, sentence: /no positive number vocab_size/ },
  { config: { num_hidden_layers: 0 }, sentence: /no positive number num_hidden_layers/ },
  { config: { num_hidden_layers: "2" }, sentence: /no positive number num_hidden_layers/ },
  { config: { intermediate_size: 96.5 }, sentence: /intermediate_size of 96\.5, which is no whole number/ },
  { config: { intermediate_size: 100 }, sentence: /intermediate_size of 100, not a multiple of 16/ },
  { config: { num_attention_heads: 8 }, sentence: /heads of 8 dimensions/ },
  { config: { num_attention_heads: 3, head_dim: 16, num_key_value_heads: 2 }, sentence: /2 key-value heads, which do not divide its 3 heads/ },
];

describe("config.json", () => {
  it("gives the sizes of the network", () => {
    assert.deepEqual(readQwen2Config(tinyCheckpoint), {
      hiddenSize: 64,
      layers: 2,
      heads: 2,
      kvHeads: 1,
      headDim: 32,
      intermediateSize: 96,
      vocabSize: 288,
      contextTokens: 128,
      ropeTheta: 10_000,
      normEpsilon: 1e-6,
      tiedEmbedding: true,
    });
  });

  it("may name a head size of its own", async () => {
    await withFolder((folder) => {
      writeVariant(folder, { config: { head_dim: 16 } });
      assert.equal(readQwen2Config(folder).headDim, 16);
    });
  });

  for (const { config, sentence } of bad) {
    it(`is refused with ${JSON.stringify(config)}`, async () => {
      await withFolder((folder) => {
        writeVariant(folder, { config });
        assert.throws(() => readQwen2Config(folder), unusableWith(sentence));
      });
    });
  }

  for (const text of ["", "{", "null", "[]", "7"]) {
    it(`is refused when it is ${JSON.stringify(text)}`, async () => {
      await withFolder((folder) => {
        writeFileSync(path.join(folder, "config.json"), text);
        assert.throws(() => readQwen2Config(folder), unusableWith(/config\.json/));
      });
    });
  }

  it("is missed when the folder does not exist", () => {
    assert.throws(() => readQwen2Config("/nonexistent"), unusableWith(/no readable config\.json/));
  });
});
