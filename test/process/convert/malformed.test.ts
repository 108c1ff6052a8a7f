import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { importCheckpoint } from "../../../src/convert/importCheckpoint.js";
import { LacunaError } from "../../../src/protocol/errors.js";
import { createRandom } from "../../../src/base/random.js";
import { withFolder } from "../../unit/convert/checkpointFolder.js";
import { ggufBytes, ggufOf, type Gguf } from "../../unit/convert/ggufWriter.js";

const COUNT = 200;
const llama = path.resolve("test/parity/fixtures/llama");

/** A way to damage a file; "" is never the result of one. */
type Damage = (bytes: Buffer, random: () => number) => Buffer;

const below = (random: () => number, count: number): number => Math.floor(random() * count);
/** Sizes that are absurd in some way. */
const ABSURD = [0n, 1n, 31n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** The header of a GGUF file ends where its first tensor begins; every 8 bytes of it that hold a small number may be a count. */
function countsOf(bytes: Buffer, end: number): number[] {
  return Array.from({ length: end - 8 }, (_, at) => at).filter(
    (at) => at >= 8 && bytes.readBigUInt64LE(at) < 100_000n && bytes.readBigUInt64LE(at) > 0n,
  );
}

const ggufDamages: Readonly<Record<string, Damage>> = {
  "cut anywhere": (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  "another count": (bytes, random) => {
    const counts = countsOf(bytes, 4000);
    const copy = Buffer.from(bytes);
    copy.writeBigUInt64LE(ABSURD[2 + below(random, ABSURD.length - 2)], counts[below(random, counts.length)]);
    return copy;
  },
  "another number of tensors or entries": (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy.writeBigUInt64LE(ABSURD[below(random, ABSURD.length)], random() < 0.5 ? 8 : 16);
    return copy;
  },
  "bytes of the header changed": (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let times = 0; times < 40; times += 1) copy[below(random, 900)] = below(random, 256);
    return copy;
  },
};

/** Damages that are done before the file is written, each to one thing of it. */
const ggufChanges: Readonly<Record<string, (gguf: Gguf, random: () => number) => Gguf>> = {
  "an entry missing": (gguf, random) => {
    const needed = Object.keys(gguf.metadata).filter(
      (key) => !/general\.name|_count_kv|key_length|value_length|freq_base|token_type|eos_token/.test(key),
    );
    const gone = needed[below(random, needed.length)];
    return { ...gguf, metadata: Object.fromEntries(Object.entries(gguf.metadata).filter(([key]) => key !== gone)) };
  },
  "a tensor missing": (gguf, random) => {
    const gone = gguf.tensors.filter(({ name }) => name !== "output.weight")[below(random, gguf.tensors.length - 1)];
    return { ...gguf, tensors: gguf.tensors.filter((tensor) => tensor !== gone) };
  },
  "a tensor twice": (gguf, random) => ({ ...gguf, tensors: [...gguf.tensors, gguf.tensors[below(random, gguf.tensors.length)]] }),
  "a size that is another": (gguf, random) => {
    const sizes = Object.keys(gguf.metadata).filter((key) => /length|count/.test(key) && !/context/.test(key));
    const key = sizes[below(random, sizes.length)];
    return { ...gguf, metadata: { ...gguf.metadata, [key]: { u32: [0, 7, 24, 1 << 20, 2 ** 32 - 1][below(random, 5)] } } };
  },
  "a type that is another": (gguf, random) => {
    const index = below(random, gguf.tensors.length);
    const type = (["Q2_K", "Q4_K", "Q6_K"] as const)[below(random, 3)];
    return { ...gguf, tensors: gguf.tensors.map((tensor, at) => (at === index ? { ...tensor, type } : tensor)) };
  },
  "a shape that is another": (gguf, random) => {
    const index = below(random, gguf.tensors.length);
    const scale = [2, 1 << 20, 2 ** 40][below(random, 3)];
    return {
      ...gguf,
      tensors: gguf.tensors.map((tensor, at) => (at === index ? { ...tensor, dims: tensor.dims.map((size) => size * scale) } : tensor)),
    };
  },
  "a token that is another": (gguf, random) => {
    const tokens = [...(gguf.metadata["tokenizer.ggml.tokens"] as { texts: string[] }).texts];
    tokens[280 + below(random, 8)] = tokens[100 + below(random, 100)];
    return { ...gguf, metadata: { ...gguf.metadata, "tokenizer.ggml.tokens": { texts: tokens } } };
  },
  "a value that is not finite": (gguf, random) => {
    const index = below(random, gguf.tensors.length);
    return {
      ...gguf,
      tensors: gguf.tensors.map((tensor, at) => {
        if (at !== index) return tensor;
        const values = new Float32Array(tensor.bytes.slice().buffer);
        values[below(random, values.length)] = random() < 0.5 ? NaN : Infinity;
        return { ...tensor, bytes: new Uint8Array(values.buffer) };
      }),
    };
  },
};

/** An import that is refused by name, having written nothing and asked for little memory. */
async function assertRefused(source: string, out: string, what: string): Promise<void> {
  const before = process.memoryUsage();
  let error: unknown;
  try {
    await importCheckpoint({ source, out, role: "verifier", weights: "int8" });
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof LacunaError, `${what}: ${error === undefined ? "was accepted" : String((error as Error).stack)}`);
  assert.ok(error.code === "checkpointUnusable" && error.remedy !== "", `${what}: ${error.code}`);
  assert.ok(!existsSync(out), `${what}: something was written`);
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  assert.ok(arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed < 200e6, `${what}: it took much memory`);
}

describe("malformed files", function () {
  this.timeout(60_000);

  it("are made of sound ones, which are accepted", async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, "model.gguf");
      writeFileSync(file, ggufBytes(ggufOf(llama)));
      for (const source of [file, llama]) await importCheckpoint({ source, out: path.join(folder, "out"), role: "verifier", weights: "int8" });
    });
  });

  it(`are refused by name, nothing written: ${COUNT} GGUF files`, async () => {
    const generator = createRandom(1);
    const random = (): number => generator.next();
    const sound = ggufOf(llama);
    const bytes = ggufBytes(sound);
    const kinds = [...Object.keys(ggufDamages), ...Object.keys(ggufChanges)];
    await withFolder(async (folder) => {
      for (let index = 0; index < COUNT; index += 1) {
        const kind = kinds[index % kinds.length];
        const file = path.join(folder, "model.gguf");
        writeFileSync(file, kind in ggufDamages ? ggufDamages[kind](bytes, random) : ggufBytes(ggufChanges[kind](sound, random)));
        await assertRefused(file, path.join(folder, "out"), `${kind}, ${index}`);
      }
    });
  });

  it(`are refused by name, nothing written: ${COUNT} Hugging Face folders`, async () => {
    const generator = createRandom(2);
    const random = (): number => generator.next();
    const kinds = Object.keys(folderDamages);
    for (let index = 0; index < COUNT; index += 1) {
      const kind = kinds[index % kinds.length];
      await withFolder(async (folder) => {
        const source = path.join(folder, "source");
        cpSync(llama, source, { recursive: true });
        folderDamages[kind](source, random);
        await assertRefused(source, path.join(folder, "out"), `${kind}, ${index}`);
      });
    }
  });
});

type Entries = Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;

/** Rewrites the header of model.safetensors. */
function changeHeader(folder: string, change: (entries: Entries) => unknown): void {
  const file = path.join(folder, "model.safetensors");
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = Buffer.from(JSON.stringify(change(JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Entries)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([size, header, bytes.subarray(8 + length)]));
}

/** Changes one entry of the header. */
function changeEntry(folder: string, random: () => number, change: (entry: Entries[string]) => unknown): void {
  changeHeader(folder, (entries) => {
    const names = Object.keys(entries).filter((name) => name !== "__metadata__");
    const name = names[below(random, names.length)];
    return { ...entries, [name]: change(entries[name]) };
  });
}

function changeFile(folder: string, name: string, change: (bytes: Buffer) => Buffer): void {
  const file = path.join(folder, name);
  writeFileSync(file, change(readFileSync(file)));
}

const folderDamages: Readonly<Record<string, (folder: string, random: () => number) => void>> = {
  "weights cut anywhere": (folder, random) => changeFile(folder, "model.safetensors", (bytes) => bytes.subarray(0, below(random, bytes.length))),
  "another length of the header": (folder, random) =>
    changeFile(folder, "model.safetensors", (bytes) => {
      const copy = Buffer.from(bytes);
      copy.writeBigUInt64LE(ABSURD[below(random, ABSURD.length)]);
      return copy;
    }),
  "another shape": (folder, random) =>
    changeEntry(folder, random, (entry) => ({ ...entry, shape: [...entry.shape, 1 + below(random, 3), 2 ** 40].slice(-2) })),
  "another type": (folder, random) => changeEntry(folder, random, (entry) => ({ ...entry, dtype: ["F32", "I8", "F8_E4M3", 7][below(random, 4)] })),
  "other offsets": (folder, random) =>
    changeEntry(folder, random, (entry) => ({
      ...entry,
      data_offsets: [[0], [5, 1], [-2, 2], [0, 2 ** 53], "no", [entry.data_offsets[0], entry.data_offsets[1] + 2]][below(random, 6)],
    })),
  "no entry": (folder, random) => changeEntry(folder, random, () => [null, [], 7, "x", {}][below(random, 5)]),
  "a tensor missing": (folder, random) =>
    changeHeader(folder, (entries) => {
      const names = Object.keys(entries).filter((name) => name !== "__metadata__");
      const gone = names[below(random, names.length)];
      return Object.fromEntries(Object.entries(entries).filter(([name]) => name !== gone));
    }),
  "a broken index": (folder, random) => {
    changeFile(folder, "model.safetensors", (bytes) => bytes);
    cpSync(path.join(folder, "model.safetensors"), path.join(folder, "model-00001-of-00002.safetensors"));
    writeFileSync(path.join(folder, "model.safetensors"), "");
    const maps = ["{", "[]", "{}", '{"weight_map": []}', '{"weight_map": {"a": "../b"}}', '{"weight_map": {"a": 7}}'];
    writeFileSync(path.join(folder, "model.safetensors.index.json"), maps[below(random, maps.length)]);
  },
  "settings cut anywhere": (folder, random) => changeFile(folder, "config.json", (bytes) => bytes.subarray(0, below(random, bytes.length - 2))),
  "a setting that is another": (folder, random) =>
    changeFile(folder, "config.json", (bytes) => {
      const json = JSON.parse(bytes.toString()) as Record<string, unknown>;
      const sizes = Object.keys(json).filter((key) => /size|num_|head_dim/.test(key));
      const key = sizes[below(random, sizes.length)];
      return Buffer.from(JSON.stringify({ ...json, [key]: [0, -1, 1e9, "two", 7, [2]][below(random, 6)] }));
    }),
  "a tokenizer cut anywhere": (folder, random) => changeFile(folder, "tokenizer.json", (bytes) => bytes.subarray(0, below(random, bytes.length - 1))),
  "a tokenizer that disagrees": (folder, random) =>
    changeFile(folder, "tokenizer.json", (bytes) => {
      const json = JSON.parse(bytes.toString()) as { added_tokens: { id: unknown }[]; model: { vocab: Record<string, unknown> } };
      const id = [-1, 288, 1e9, "x", null, 0.5][below(random, 6)];
      if (random() < 0.5) json.added_tokens[below(random, json.added_tokens.length)].id = id;
      else json.model.vocab[Object.keys(json.model.vocab)[below(random, 100)]] = id;
      return Buffer.from(JSON.stringify(json));
    }),
  "a value that is not finite": (folder, random) =>
    changeFile(folder, "model.safetensors", (bytes) => {
      const copy = Buffer.from(bytes);
      const start = 8 + Number(bytes.readBigUInt64LE());
      copy.writeUInt16LE(random() < 0.5 ? 0x7f80 : 0x7fc0, start + 2 * below(random, (bytes.length - start) / 2));
      return copy;
    }),
};
