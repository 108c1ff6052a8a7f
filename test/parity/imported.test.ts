import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import type { DecoderRole } from "../../src/convert/graph/graphSource.js";
import type { WeightPlan } from "../../src/convert/weights/matrixStore.js";
import { tinyCheckpoint } from "../unit/convert/checkpointFolder.js";
import { ggufOf, writeGguf, type Gguf, type WrittenTensor } from "../unit/convert/ggufWriter.js";
import { TinyModel, type Attention } from "./tinyModel.js";

interface Logits {
  readonly tokens: number[];
  readonly rows: number[];
  readonly logits: number[][];
}

/** Two programs that both add in 32 bits agree to about 1e-6 of logits that spread by 1. */
const FLOAT_TOLERANCE = 1e-4;

let folder: string;
const loaded: TinyModel[] = [];
before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-imported-"));
});
after(async () => {
  for (const model of loaded) await model.release();
  rmSync(folder, { recursive: true });
});

async function load(source: string, weights: WeightPlan, role: DecoderRole = "verifier"): Promise<TinyModel> {
  const out = mkdtempSync(path.join(folder, "models-"));
  if (role === "diffuser") await importCheckpoint({ source, out, role: "verifier", weights });
  const { model } = await importCheckpoint({ source, out, role, weights });
  loaded.push(await TinyModel.load(out, model));
  return loaded[loaded.length - 1];
}

function ggufFile(gguf: Gguf): string {
  const file = path.join(mkdtempSync(path.join(folder, "gguf-")), "model.gguf");
  writeGguf(file, gguf);
  return file;
}

function differences(actual: ArrayLike<number>[], expected: ArrayLike<number>[]): { largest: number; rootMeanSquare: number } {
  const squares = expected.flatMap((row, index) => Array.from(row, (value, column) => (value - actual[index][column]) ** 2));
  assert.ok(squares.length > 0);
  return { largest: Math.sqrt(Math.max(...squares)), rootMeanSquare: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length) };
}

const families = ["llama", "qwen3"].map((name) => {
  const source = path.resolve("test/parity/fixtures", name);
  return { name, source, fixture: JSON.parse(readFileSync(path.join(source, "logits.json"), "utf8")) as Logits };
});
const causal = (count: number): Attention => ({ positions: Array.from({ length: count }, (_, index) => index), sees: (query, key) => key <= query });

for (const { name, source, fixture } of families) {
  const { tokens, rows, logits } = fixture;

  describe(`imported ${name} against a plain network in PyTorch`, () => {
    it("gives its logits from a Hugging Face folder", async () => {
      const model = await load(source, "fp32");
      assert.ok(differences(await model.pass(tokens, 0, rows), logits).largest < FLOAT_TOLERANCE);
    });

    it("gives its logits from a GGUF file", async () => {
      const model = await load(ggufFile(ggufOf(source)), "fp32");
      assert.ok(differences(await model.pass(tokens, 0, rows), logits).largest < FLOAT_TOLERANCE);
    });

    it("gives its logits token by token behind a cache", async () => {
      const model = await load(source, "fp32");
      for (const [position, token] of tokens.entries()) {
        const row = await model.pass([token], position, [0]);
        if (rows.includes(position)) assert.ok(differences(row, [logits[rows.indexOf(position)]]).largest < FLOAT_TOLERANCE);
      }
    });

    it("gives its logits as a diffuser whose bias is causal", async () => {
      const model = await load(source, "fp32", "diffuser").catch((error: unknown) => error);
      // The families' tiny checkpoints share the tokenizer of the diffusers.
      assert.ok(model instanceof TinyModel, String(model));
      assert.ok(differences(await model.pass(tokens, 0, rows, causal(tokens.length)), logits).largest < FLOAT_TOLERANCE);
    });
  });
}

/** The bits of a number that 16 bits hold exactly. */
function half(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  assert.ok(Number.isInteger(fraction) && exponent > -15, `${value} is no exact half`);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/** A matrix in Q4_1, with steps that are powers of two and least values that are quarters of a step. */
function inQ4_1(tensor: WrittenTensor): WrittenTensor {
  const values = new Float32Array(tensor.bytes.slice().buffer);
  const bytes = Buffer.alloc((values.length / 32) * 20);
  for (let block = 0; block < values.length / 32; block += 1) {
    const part = [...values.subarray(block * 32, block * 32 + 32)];
    const [least, most] = [Math.min(...part), Math.max(...part)];
    const step = 2 ** Math.ceil(Math.log2((most - least) / 14.5));
    const floor = (Math.floor((least / step) * 4) / 4) * step;
    const codes = part.map((value) => Math.max(0, Math.min(15, Math.round((value - floor) / step))));
    bytes.writeUInt16LE(half(step), block * 20);
    bytes.writeUInt16LE(half(floor), block * 20 + 2);
    for (let index = 0; index < 16; index += 1) bytes[block * 20 + 4 + index] = codes[index] | (codes[index + 16] << 4);
  }
  return { ...tensor, type: "Q4_1", bytes };
}

function inQ8_0(tensor: WrittenTensor): WrittenTensor {
  const values = new Float32Array(tensor.bytes.slice().buffer);
  const bytes = Buffer.alloc((values.length / 32) * 34);
  for (let block = 0; block < values.length / 32; block += 1) {
    const part = values.subarray(block * 32, block * 32 + 32);
    const step = 2 ** Math.ceil(Math.log2(part.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0) / 127));
    bytes.writeUInt16LE(half(step), block * 34);
    part.forEach((value, index) => bytes.writeInt8(Math.round(value / step), block * 34 + 2 + index));
  }
  return { ...tensor, type: "Q8_0", bytes };
}

/** The tiny checkpoint with its matrices in 4 bits but for those that every third layer of a file has in 8. */
function quantizedTiny(): Gguf {
  const gguf = ggufOf(tinyCheckpoint);
  const tensors = gguf.tensors.map((tensor) => {
    if (tensor.dims.length === 1) return tensor;
    return /token_embd|attn_v|blk\.0\.ffn_down/.test(tensor.name) ? inQ8_0(tensor) : inQ4_1(tensor);
  });
  return { ...gguf, tensors };
}

describe("weights of a quantized file", () => {
  const { tokens } = families[0].fixture;
  const rows = tokens.map((_, row) => row);

  for (const role of ["verifier", "diffuser"] as const) {
    it(`stored as they are give what the file's values give, but for the rounding of activations: ${role}`, async () => {
      const file = ggufFile(quantizedTiny());
      const attention = role === "diffuser" ? causal(tokens.length) : undefined;
      const exact = await (await load(file, "fp32", role)).pass(tokens, 0, rows, attention);
      const stored = await (await load(file, "stored", role)).pass(tokens, 0, rows, attention);
      const rounded = await (await load(file, "int4", role)).pass(tokens, 0, rows, attention);
      const [kept, anew] = [differences(stored, exact), differences(rounded, exact)];
      assert.ok(kept.rootMeanSquare < 0.03, `${kept.rootMeanSquare}`);
      // What is rounded a second time is much further off: the test would see a zero point that is lost.
      assert.ok(anew.rootMeanSquare > 3 * kept.rootMeanSquare, `${anew.rootMeanSquare} against ${kept.rootMeanSquare}`);
    });
  }

  it("stored in rows give what 7 bits a weight and 8 bits an activation can", async () => {
    const exact = await (await load(tinyCheckpoint, "fp32")).pass(tokens, 0, rows);
    const model = await load(tinyCheckpoint, "rows");
    const { rootMeanSquare } = differences(await model.pass(tokens, 0, rows), exact);
    assert.ok(rootMeanSquare < 0.06, `${rootMeanSquare}`);
  });
});
