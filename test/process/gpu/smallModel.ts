import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { importCheckpoint } from "../../../src/convert/importCheckpoint.js";
import type { WeightPlan } from "../../../src/convert/weights/matrixStore.js";
import { createRandom } from "../../../src/base/random.js";
import { float32Tensor, writeVariant, type RawTensor } from "../../unit/convert/checkpointFolder.js";

const HIDDEN = 64;
const HEADS = 2;
const HEAD_DIM = 32;
const INTERMEDIATE = 96;
const VOCAB = 288;
const LAYERS = 2;

/**
 * Makes a models folder with a verifier alone that is small enough for an adapter that computes on the processor: random weights, with which
 * attention and logits are spread as in a trained model, in a window of 2,048 tokens. @returns the folder
 */
export async function makeSmallModel(folder: string, weights: WeightPlan): Promise<string> {
  const source = path.join(folder, "checkpoint");
  const out = path.join(folder, `models-${weights}`);
  mkdirSync(source, { recursive: true });
  writeVariant(source, { config: { max_position_embeddings: 2048 }, tensors: randomTensors() });
  const prompt = { order: "suffixFirst", suffix: ["<|fim_suffix|>"], prefix: ["<|fim_prefix|>"], middle: [], related: { form: "comment" } };
  writeFileSync(path.join(source, "lacuna.json"), JSON.stringify({ promptFormat: prompt, ends: ["<|endoftext|>"] }));
  await importCheckpoint({ source, out, role: "verifier", weights, name: "small", licence: "MIT", origin: "made by a test" });
  return out;
}

function randomTensors(): Record<string, RawTensor> {
  const random = createRandom(7);
  const matrix = (rows: number, columns: number, scale: number): RawTensor =>
    float32Tensor(
      [rows, columns],
      Float32Array.from({ length: rows * columns }, () => (2 * random.next() - 1) * scale),
    );
  const tensors: Record<string, RawTensor> = { "model.embed_tokens.weight": matrix(VOCAB, HIDDEN, 1) };
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const module = `model.layers.${layer}`;
    const spread = Math.sqrt(3 / HIDDEN);
    tensors[`${module}.self_attn.q_proj.weight`] = matrix(HEADS * HEAD_DIM, HIDDEN, 2 * spread);
    tensors[`${module}.self_attn.k_proj.weight`] = matrix(HEAD_DIM, HIDDEN, 2 * spread);
    tensors[`${module}.self_attn.v_proj.weight`] = matrix(HEAD_DIM, HIDDEN, spread);
    tensors[`${module}.self_attn.o_proj.weight`] = matrix(HIDDEN, HEADS * HEAD_DIM, 2 * spread);
    for (const name of ["gate_proj", "up_proj"]) tensors[`${module}.mlp.${name}.weight`] = matrix(INTERMEDIATE, HIDDEN, spread);
    tensors[`${module}.mlp.down_proj.weight`] = matrix(HIDDEN, INTERMEDIATE, spread);
  }
  return tensors;
}
