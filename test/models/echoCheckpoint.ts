import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { float32Tensor, tinyCheckpoint, writeSafetensors, type RawTensor } from "../unit/convert/checkpointFolder.js";
import { readTokens } from "./fixtureTokens.js";

/** Dimensions of a token's code, and how many tokens before a place are compared with those before another. */
const CODE = 16;
const OFFSETS = 5;
const HIDDEN = 128;
const HEAD_DIM = 128;
const INTERMEDIATE = 64;
const LAYERS = 2;
const ROPE_THETA = 9e11;
/** Where the residual stream holds the codes of the last tokens, what is to be written, and a one. */
const CODE_AT = (offset: number): number => offset * CODE;
const WRITTEN_AT = CODE_AT(OFFSETS + 1);
const ONE_AT = WRITTEN_AT + CODE;
/** Pairs of a head's dimensions that turn fast enough to tell neighbours apart, and the first that hardly turns in a whole prompt. */
const FAST_PAIRS = 8;
const FIRST_STILL_PAIR = 20;
/** How sharply a head looks at one offset, how much one agreeing token weighs, and how sure the most likely token is. */
const POSITION_SCALE = 170;
const MATCH_SCALE = 120;
const LOGIT_SCALE = 9;
/** What a token that must not be written loses, and how much of what is written is noise. */
const UNWANTED = 40;
const NOISE = 0.04;

/**
 * Writes a checkpoint whose weights make it repeat: it goes on as the text did where the most of its last five tokens stood
 * before, and makes something up where they never did. One layer looks at each of the last tokens, the next one at the place
 * that they agree with best; codes of tokens and the noise of the MLPs are random, from `seed`. The tokenizer is that of the
 * tiny checkpoint; what is written is printable ASCII.
 *
 * A diffuser writes what comes after the tokens before a slot, and not after the slot's own, which is a mask.
 */
export function writeEchoCheckpoint(folder: string, role: "verifier" | "diffuser", seed: number): void {
  mkdirSync(folder, { recursive: true });
  const tokens = readTokens();
  const config = {
    model_type: "qwen2",
    hidden_size: HIDDEN,
    num_hidden_layers: LAYERS,
    num_attention_heads: OFFSETS,
    num_key_value_heads: 1,
    head_dim: HEAD_DIM,
    intermediate_size: INTERMEDIATE,
    vocab_size: tokens.length,
    max_position_embeddings: 2048,
    rope_theta: ROPE_THETA,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: false,
    ...(role === "diffuser" ? { lacuna_length_bias: { a: 0.4, b: 0.15, c: 0.1, d: 0.005, e: 0 } } : {}),
  };
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
  // Without a marker before the middle the tokens before a hole stay right before what is written.
  const prompt = { order: "suffixFirst", suffix: ["<|fim_suffix|>"], prefix: ["<|fim_prefix|>"], middle: [], related: { form: "comment" } };
  writeFileSync(path.join(folder, "lacuna.json"), JSON.stringify({ promptFormat: prompt, ends: ["<|endoftext|>"] }));
  copyFileSync(path.join(tinyCheckpoint, "tokenizer.json"), path.join(folder, "tokenizer.json"));
  writeSafetensors(path.join(folder, "model.safetensors"), echoTensors(tokens, role, seed));
}

function echoTensors(tokens: ReturnType<typeof readTokens>, role: "verifier" | "diffuser", seed: number): Record<string, RawTensor> {
  const random = createRandom(seed);
  const noise = (scale: number) => (): number => (2 * random.next() - 1) * scale;
  // A mask has no code: it agrees with nothing, and nobody repeats it.
  const codes = tokens.map(({ text }) => Array.from({ length: CODE }, () => (text === "<|mask|>" ? 0 : random.next() < 0.5 ? -0.25 : 0.25)));
  const ofCode = (token: number, at: number, column: number): number => codes[token][column - at] ?? 0;
  const tensors: Record<string, RawTensor> = {
    "model.embed_tokens.weight": matrix(tokens.length, HIDDEN, (row, column) => (column === ONE_AT ? 1 : ofCode(row, CODE_AT(0), column))),
    "lm_head.weight": matrix(tokens.length, HIDDEN, (row, column) => {
      if (column === ONE_AT) return tokens[row].isWritten ? 0 : -UNWANTED;
      return LOGIT_SCALE * ofCode(row, WRITTEN_AT, column);
    }),
    "model.norm.weight": matrix(1, HIDDEN, () => rootMeanSquare(OFFSETS + 3)),
  };
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const module = `model.layers.${layer}`;
    const attention = layer === 0 ? lookingBack() : lookingForAgreement(role === "diffuser" ? 1 : 0);
    for (const [name, tensor] of Object.entries(attention)) tensors[`${module}.self_attn.${name}`] = tensor;
    const codesThere = layer === 0 ? 1 : OFFSETS + 1;
    tensors[`${module}.input_layernorm.weight`] = matrix(1, HIDDEN, () => rootMeanSquare(codesThere + 1));
    tensors[`${module}.post_attention_layernorm.weight`] = matrix(1, HIDDEN, () => rootMeanSquare(OFFSETS + 2));
    for (const name of ["gate_proj", "up_proj"]) tensors[`${module}.mlp.${name}.weight`] = matrix(INTERMEDIATE, HIDDEN, noise(1));
    const written = noise(NOISE / Math.sqrt(INTERMEDIATE));
    tensors[`${module}.mlp.down_proj.weight`] = matrix(HIDDEN, INTERMEDIATE, (row) => (row >= WRITTEN_AT && row < ONE_AT ? written() : 0));
  }
  return tensors;
}

/** Head h gives the code of the token h + 1 before: queries and keys know nothing but how far apart they are. */
function lookingBack(): Record<string, RawTensor> {
  const frequency = (pair: number): number => ROPE_THETA ** (-pair / (HEAD_DIM / 2));
  const queryBias = (row: number): number => {
    const [head, dimension] = [Math.floor(row / HEAD_DIM), row % HEAD_DIM];
    const pair = dimension % (HEAD_DIM / 2);
    const angle = -(head + 1) * frequency(pair);
    if (pair >= FAST_PAIRS) return 0;
    return POSITION_SCALE * (dimension < HEAD_DIM / 2 ? Math.cos(angle) : Math.sin(angle));
  };
  return {
    ...projections(
      () => 0,
      () => 0,
      CODE_AT(0),
    ),
    "q_proj.bias": float32Tensor([OFFSETS * HEAD_DIM], Array.from({ length: OFFSETS * HEAD_DIM }, (_, row) => queryBias(row))),
    "k_proj.bias": float32Tensor([HEAD_DIM], Array.from({ length: HEAD_DIM }, (_, row) => (row < FAST_PAIRS ? 1 : 0))),
    "o_proj.weight": matrix(HIDDEN, OFFSETS * HEAD_DIM, (row, column) => {
      const head = Math.floor(column / HEAD_DIM);
      return row === CODE_AT(head + 1) + (column % HEAD_DIM) && column % HEAD_DIM < CODE ? 1 : 0;
    }),
  };
}

/** The first head finds the token before which there are the same ones as at `first` and before it, and gives its code. */
function lookingForAgreement(first: 0 | 1): Record<string, RawTensor> {
  const still = HEAD_DIM / 2 - FIRST_STILL_PAIR;
  /** The index of a head's dimension among those that hardly turn; -1: not one of them. */
  const stillIndex = (row: number): number => {
    const pair = row % (HEAD_DIM / 2);
    return pair < FIRST_STILL_PAIR ? -1 : pair - FIRST_STILL_PAIR + (row < HEAD_DIM / 2 ? 0 : still);
  };
  const selecting = (from: number, scale: number) => (row: number, column: number): number => {
    const index = row < HEAD_DIM ? stillIndex(row) : -1;
    return index >= 0 && index < OFFSETS * CODE && column === CODE_AT(from) + index ? scale : 0;
  };
  return {
    ...projections(selecting(first, MATCH_SCALE), selecting(1, 1), CODE_AT(0)),
    "q_proj.bias": float32Tensor([OFFSETS * HEAD_DIM], new Float32Array(OFFSETS * HEAD_DIM)),
    "k_proj.bias": float32Tensor([HEAD_DIM], new Float32Array(HEAD_DIM)),
    "o_proj.weight": matrix(HIDDEN, OFFSETS * HEAD_DIM, (row, column) => (column < CODE && row === WRITTEN_AT + column ? 1 : 0)),
  };
}

/** Weights of queries and keys, and values that are the code at `from`. */
function projections(query: Entry, key: Entry, from: number): Record<string, RawTensor> {
  return {
    "q_proj.weight": matrix(OFFSETS * HEAD_DIM, HIDDEN, query),
    "k_proj.weight": matrix(HEAD_DIM, HIDDEN, key),
    "v_proj.weight": matrix(HEAD_DIM, HIDDEN, (row, column) => (row < CODE && column === from + row ? 1 : 0)),
    "v_proj.bias": float32Tensor([HEAD_DIM], new Float32Array(HEAD_DIM)),
  };
}

type Entry = (row: number, column: number) => number;

function matrix(rows: number, columns: number, entry: Entry): RawTensor {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row += 1) for (let column = 0; column < columns; column += 1) values[row * columns + column] = entry(row, column);
  return float32Tensor(rows === 1 ? [columns] : [rows, columns], values);
}

/** Of a hidden state that holds so many parts of length one. */
const rootMeanSquare = (parts: number): number => Math.sqrt(parts / HIDDEN);
