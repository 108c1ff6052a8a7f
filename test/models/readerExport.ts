import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { float32Tensor, writeSafetensors, type RawTensor } from "../unit/convert/checkpointFolder.js";

const [UNITS, RANK, SLOTS] = [32, 32, 24];
const SPECIAL = 8;
/** How sure a reader is of the successors that it was told. */
const SURE = 100;

interface CheckpointConfig {
  readonly [size: string]: number;
}

/**
 * Writes the export of a reader of random weights for the Qwen2 checkpoint in `checkpoint`, whose layers it reads all. Of the eight special
 * tokens its head knows the end alone; where it is told successors, it knows these tokens alone.
 *
 * @param successors what its sequential head is sure of: which token follows which
 */
export function writeReaderExport(folder: string, checkpoint: string, seed: number, successors: ReadonlyMap<number, number> = new Map()): void {
  mkdirSync(folder, { recursive: true });
  const config = JSON.parse(readFileSync(path.join(checkpoint, "config.json"), "utf8")) as CheckpointConfig;
  const { hidden_size: hidden, num_hidden_layers: layers, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headDim } = config;
  const ordinary = Array.from({ length: config.vocab_size - SPECIAL }, (_, index) => SPECIAL + index);
  const headTokens = [0, ...(successors.size > 0 ? successors.keys() : ordinary)];
  const verifier = {
    sha256: createHash("sha256").update(readFileSync(path.join(checkpoint, "model.safetensors"))).digest("hex"),
    ...{ weights: "none", family: "qwen2", hidden, layers, heads, kv_heads: kvHeads, head_dim: headDim, intermediate: config.intermediate_size },
    ...{ vocabulary: config.vocab_size, theta: config.rope_theta, epsilon: config.rms_norm_eps, is_tied: false },
    ...{ has_bias: true, has_output_bias: false, has_head_norms: false },
  }; // prettier-ignore
  const reads = Array.from({ length: layers }, (_, layer) => layer);
  const settings = { format: 2, role: "reader", verifier, reads, units: UNITS, rank: RANK, slots: SLOTS, roles: ["draft", "infill"], headTokens };
  writeFileSync(path.join(folder, "reader.json"), JSON.stringify(settings));

  const random = createRandom(seed);
  const noise = (...shape: number[]): RawTensor => {
    const size = shape.reduce((product, each) => product * each, 1);
    return float32Tensor(shape, Float32Array.from({ length: size }, () => (2 * random.next() - 1) * shape[shape.length - 1] ** -0.5));
  };
  const tensors: Record<string, RawTensor> = {};
  for (const layer of reads) {
    const rows = { q_proj: heads * headDim, k_proj: kvHeads * headDim, v_proj: kvHeads * headDim };
    for (const [name, count] of Object.entries(rows)) {
      tensors[`layers.${layer}.self_attn.${name}.weight`] = noise(count, hidden);
      tensors[`layers.${layer}.self_attn.${name}.bias`] = noise(count);
    }
    tensors[`layers.${layer}.self_attn.o_proj.weight`] = noise(hidden, heads * headDim);
    for (const name of ["gate_proj", "up_proj"]) tensors[`layers.${layer}.mlp.${name}.weight`] = noise(UNITS, hidden);
    tensors[`layers.${layer}.mlp.down_proj.weight`] = noise(hidden, UNITS);
    for (const name of ["input_layernorm", "post_attention_layernorm"]) tensors[`layers.${layer}.${name}.weight`] = noise(hidden);
  }
  for (const name of ["input_map.weight", "hidden_map.weight"]) tensors[name] = noise(hidden, hidden);
  for (const [name, rows] of Object.entries({ mask: 1, end: 1, slots: 1 + SLOTS, roles: 2 })) tensors[name] = noise(rows, hidden);
  const codes = headTokens.map(() => Array.from({ length: RANK }, () => (random.next() < 0.5 ? -1 : 1)));
  const following = new Float32Array((headTokens.length + 1) * RANK);
  for (const [before, after] of successors) {
    codes[headTokens.indexOf(before)].forEach((each, index) => (following[headTokens.indexOf(after) * RANK + index] += (SURE * each) / RANK));
  }
  tensors.previous = float32Tensor([headTokens.length + 2, RANK], [...codes.flat(), ...new Array<number>(2 * RANK).fill(0)]);
  tensors.following = float32Tensor([headTokens.length + 1, RANK], following);
  tensors["confidence.weight"] = noise(1, hidden + RANK);
  tensors["confidence.bias"] = noise(1);
  writeSafetensors(path.join(folder, "reader.safetensors"), tensors);
}
