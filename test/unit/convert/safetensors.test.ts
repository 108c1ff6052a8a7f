import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Safetensors } from "../../../src/convert/sources/huggingFace/safetensors.js";
import { decodeTensor } from "../../../src/convert/sources/decodeTensor.js";
import { float32Tensor, unusableWith, withFolder, writeSafetensors, type RawTensor } from "./checkpointFolder.js";

const halves = (dtype: string, bits: readonly number[]): RawTensor => ({
  dtype,
  shape: [bits.length],
  bytes: new Uint8Array(Uint16Array.from(bits).buffer),
});
const pair = { a: float32Tensor([2, 2], [1, -2, 0.5, 1e-30]), b: float32Tensor([1], [7]) };

/** All values of a tensor. */
function read(tensors: Safetensors, name: string, shape: readonly number[]): Float32Array {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape;
  const tensor = tensors.tensor(name, rows, columns);
  return decodeTensor(tensor.type, tensor.read(0, rows));
}

/** Reads `name` from a folder whose model.safetensors `write` made. */
async function reading(write: (file: string) => void, name: string, shape: readonly number[]): Promise<Float32Array> {
  let data: Float32Array = new Float32Array();
  await withFolder((folder) => {
    write(path.join(folder, "model.safetensors"));
    const tensors = Safetensors.open(folder);
    data = read(tensors, name, shape);
    tensors.close();
  });
  return data;
}

describe("safetensors", () => {
  it("reads F32 values at their offsets", async () => {
    const write = (file: string): void => writeSafetensors(file, pair);
    assert.deepEqual(await reading(write, "a", [2, 2]), Float32Array.of(1, -2, 0.5, 1e-30));
    assert.deepEqual(await reading(write, "b", [1]), Float32Array.of(7));
  });

  it("widens BF16 by zero bits", async () => {
    const bits = [0x3f80, 0xc000, 0x0000, 0x3eab, 0x0080];
    const data = await reading((file) => writeSafetensors(file, { a: halves("BF16", bits) }), "a", [5]);
    assert.deepEqual(data, Float32Array.of(1, -2, 0, 0.333984375, 2 ** -126));
  });

  it("widens F16, subnormal numbers included", async () => {
    const bits = [0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x3555];
    const data = await reading((file) => writeSafetensors(file, { a: halves("F16", bits) }), "a", [6]);
    assert.deepEqual(data, Float32Array.of(1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, 0.333251953125));
  });

  it("finds tensors in the shards that the index names", async () => {
    await withFolder((folder) => {
      writeSafetensors(path.join(folder, "one.safetensors"), { a: pair.a });
      writeSafetensors(path.join(folder, "two.safetensors"), { b: pair.b });
      const index = { weight_map: { a: "one.safetensors", b: "two.safetensors" } };
      writeFileSync(path.join(folder, "model.safetensors.index.json"), JSON.stringify(index));
      const tensors = Safetensors.open(folder);
      assert.equal(read(tensors, "a", [2, 2])[1], -2);
      assert.equal(read(tensors, "b", [1])[0], 7);
      tensors.close();
    });
  });

  const broken: { what: string; write: (file: string) => void; sentence: RegExp }[] = [
    { what: "an empty file", write: (file) => writeFileSync(file, ""), sentence: /no safetensors file/ },
    { what: "a text file", write: (file) => writeFileSync(file, "version https://git-lfs.github.com/spec/v1\n"), sentence: /no safetensors file/ },
    {
      what: "a header that is not JSON",
      write: (file) => {
        writeSafetensors(file, pair);
        const bytes = readFileSync(file);
        bytes[8] = 0;
        writeFileSync(file, bytes);
      },
      sentence: /broken header: model\.safetensors/,
    },
    { what: "a header that is no object", write: (file) => writeSafetensors(file, pair, () => null), sentence: /broken header/ },
    {
      what: "an entry without offsets",
      write: (file) => writeSafetensors(file, pair, () => ({ a: { dtype: "F32", shape: [2, 2] } })),
      sentence: /broken header/,
    },
    {
      what: "offsets that run backwards",
      write: (file) => writeSafetensors(file, pair, (entries) => ({ ...entries, a: { dtype: "F32", shape: [2, 2], data_offsets: [16, 0] } })),
      sentence: /broken header/,
    },
    {
      what: "data that ends inside a tensor",
      write: (file) => {
        writeSafetensors(file, pair);
        truncateSync(file, readFileSync(file).length - 1);
      },
      sentence: /cut short: model\.safetensors ends before or inside b/,
    },
    {
      what: "another shape than expected",
      write: (file) => writeSafetensors(file, { a: float32Tensor([4], [1, 2, 3, 4]) }),
      sentence: /a of shape \[4\] instead of \[2, 2\]/,
    },
    {
      what: "fewer bytes than the shape needs",
      write: (file) => writeSafetensors(file, { a: { ...float32Tensor([3], [1, 2, 3]), shape: [2, 2] } }),
      sentence: /12 bytes to a instead of 16/,
    },
    { what: "a type that is not read", write: (file) => writeSafetensors(file, { a: { ...pair.a, dtype: "F8_E4M3" } }), sentence: /a as F8_E4M3/ },
    { what: "a missing tensor", write: (file) => writeSafetensors(file, { b: pair.b }), sentence: /no tensor a/ },
    { what: "no file at all", write: () => undefined, sentence: /has no model\.safetensors/ },
    {
      what: "an index that names a missing shard",
      write: (file) => writeFileSync(`${file}.index.json`, JSON.stringify({ weight_map: { a: "gone.safetensors" } })),
      sentence: /lacks the file gone\.safetensors/,
    },
    {
      what: "an index that names a file elsewhere",
      write: (file) => writeFileSync(`${file}.index.json`, JSON.stringify({ weight_map: { a: "../a.safetensors" } })),
      sentence: /names "\.\.\/a\.safetensors"/,
    },
    {
      what: "tensors that overlap",
      write: (file) => writeSafetensors(file, pair, (entries) => ({ ...entries, b: { dtype: "F32", shape: [1], data_offsets: [12, 16] } })),
      sentence: /tensors overlap/,
    },
    {
      what: "an index that is not JSON",
      write: (file) => writeFileSync(`${file}.index.json`, "{"),
      sentence: /no readable model\.safetensors\.index\.json/,
    },
  ];
  for (const { what, write, sentence } of broken) {
    it(`names ${what}`, async () => {
      await assert.rejects(reading(write, "a", [2, 2]), unusableWith(sentence));
    });
  }
});
