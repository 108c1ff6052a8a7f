import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Network } from "../../../src/convert/sources/network.js";
import { readNetwork } from "../../../src/convert/sources/huggingFace/readNetwork.js";
import { readJson } from "../../../src/convert/sources/huggingFace/json.js";
import { tinyCheckpoint, unusableWith, withFolder } from "./checkpointFolder.js";

const tiny = JSON.parse(readFileSync(path.join(tinyCheckpoint, "config.json"), "utf8")) as Record<string, unknown>;

/** The network of the tiny checkpoint's config.json with other settings; `undefined` takes one away. */
const networkWith = (settings: Record<string, unknown>): Network =>
  readNetwork(JSON.parse(JSON.stringify({ ...tiny, ...settings })) as Record<string, unknown>);

const bad: { config: Record<string, unknown>; sentence: RegExp }[] = [
  { config: { model_type: "mistral" }, sentence: /of the type "mistral", not one of qwen2, qwen3, llama/ },
  { config: { hidden_act: "gelu" }, sentence: /hidden_act = "gelu"/ },
  { config: { hidden_activation: "gelu_pytorch_tanh" }, sentence: /hidden_activation/ },
  { config: { rope_scaling: { type: "yarn", factor: 4 } }, sentence: /scales its rotary positions \(rope_scaling: "yarn"\)/ },
  { config: { rope_scaling: { rope_type: "llama3", factor: 8 } }, sentence: /rope_scaling: "llama3"/ },
  { config: { rope_parameters: { rope_theta: 10_000, rope_type: "linear", factor: 2 } }, sentence: /rope_parameters: "linear"/ },
  { config: { rope_parameters: { rope_theta: 10_000, factor: 2 } }, sentence: /rope_parameters\.factor/ },
  { config: { rope_parameters: { rope_theta: 10_000, partial_rotary_factor: 0.5 } }, sentence: /only a part of each head/ },
  { config: { rope_parameters: { full_attention: { rope_theta: 10_000 } } }, sentence: /rope_parameters\.full_attention/ },
  { config: { rope_parameters: { rope_theta: 5e5 } }, sentence: /rope_theta twice, and differently: 10000 and 500000/ },
  { config: { rope_theta: undefined }, sentence: /no positive number rope_theta/ },
  { config: { partial_rotary_factor: 0.25 }, sentence: /partial_rotary_factor = 0\.25/ },
  { config: { use_sliding_window: true, max_window_layers: 1 }, sentence: /sliding attention window/ },
  { config: { layer_types: ["full_attention", "sliding_attention"] }, sentence: /"sliding_attention"/ },
  { config: { model_type: "llama", sliding_window: 4096 }, sentence: /sliding attention window/ },
  { config: { quantization_config: { quant_method: "gptq" } }, sentence: /quantization_config/ },
  { config: { mlp_bias: true }, sentence: /mlp_bias/ },
  { config: { num_local_experts: 8 }, sentence: /num_local_experts/ },
  { config: { attn_logit_softcapping: 50 }, sentence: /attn_logit_softcapping/ },
  { config: { model_type: "qwen3", attention_bias: true }, sentence: /attention_bias/ },
  { config: { vocab_size: undefined }, sentence: /no positive number vocab_size/ },
  { config: { num_hidden_layers: 0 }, sentence: /no positive number num_hidden_layers/ },
  { config: { num_hidden_layers: "2" }, sentence: /no positive number num_hidden_layers/ },
  { config: { num_hidden_layers: 1e9 }, sentence: /size that cannot be: layers/ },
  { config: { intermediate_size: 96.5 }, sentence: /intermediate_size of 96\.5, which is no whole number/ },
  { config: { intermediate_size: 100 }, sentence: /intermediate_size 100, not a multiple of 16/ },
  { config: { num_attention_heads: 8 }, sentence: /heads of 8 dimensions/ },
  { config: { num_attention_heads: 3, head_dim: 16, num_key_value_heads: 2 }, sentence: /2 key-value heads, which do not divide its 3 heads/ },
];

describe("config.json", () => {
  it("gives the sizes of the network", () => {
    assert.deepEqual(networkWith({}), {
      family: "qwen2",
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
      projectionBias: true,
      outputBias: false,
      headNorms: false,
    });
  });

  it("says what the families differ in", () => {
    const facts = (settings: Record<string, unknown>): unknown[] => {
      const { headDim, projectionBias, outputBias, headNorms } = networkWith(settings);
      return [headDim, projectionBias, outputBias, headNorms];
    };
    assert.deepEqual(facts({ model_type: "llama" }), [32, false, false, false]);
    assert.deepEqual(facts({ model_type: "llama", attention_bias: true }), [32, true, true, false]);
    assert.deepEqual(facts({ model_type: "qwen3" }), [128, false, false, true]);
    assert.deepEqual(facts({ model_type: "qwen3", head_dim: 16 }), [16, false, false, true]);
  });

  const same: Record<string, unknown>[] = [
    { rope_theta: undefined, rope_parameters: { rope_theta: 10_000, rope_type: "default" } },
    { rope_parameters: { rope_theta: 10_000 } },
    { rope_scaling: { rope_type: "default" } },
    { rope_scaling: { type: "default", factor: 1 } },
    { rope_scaling: null, sliding_window: null, quantization_config: null },
    { use_sliding_window: false, sliding_window: 4096, max_window_layers: 1 },
    { use_sliding_window: true, max_window_layers: 2 },
    { layer_types: ["full_attention", "full_attention"] },
    { partial_rotary_factor: 1 },
  ];
  for (const settings of same) {
    it(`describes the same network with ${JSON.stringify(settings)}`, () => assert.deepEqual(networkWith(settings), networkWith({})));
  }

  for (const { config, sentence } of bad) {
    it(`is refused with ${JSON.stringify(config)}`, () => {
      assert.throws(() => networkWith(config), unusableWith(sentence));
    });
  }

  it("is cut to 32,768 positions", () => assert.equal(networkWith({ max_position_embeddings: 131_072 }).contextTokens, 32_768));

  for (const text of ["", "{", "null", "[]", "7"]) {
    it(`is refused when it is ${JSON.stringify(text)}`, async () => {
      await withFolder((folder) => {
        writeFileSync(path.join(folder, "config.json"), text);
        assert.throws(() => readJson(folder, "config.json"), unusableWith(/config\.json/));
      });
    });
  }
});
