import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ABSURD, below, writeSparse } from "./ggufDamages.js";

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

/** Ways to damage a sound folder. */
export const folderDamages: Readonly<Record<string, (folder: string, random: () => number) => void>> = {
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
    renameSync(path.join(folder, "model.safetensors"), path.join(folder, "model-00001-of-00002.safetensors"));
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
  "tensors that overlap": (folder) =>
    changeHeader(folder, (entries) => {
      const [[, first], [name, second]] = Object.entries(entries).filter(([, { shape }]) => shape.length === 2);
      const length = second.data_offsets[1] - second.data_offsets[0];
      return { ...entries, [name]: { ...second, data_offsets: [first.data_offsets[0], first.data_offsets[0] + length] } };
    }),
  "a long header in a large file": (folder, random) => {
    const length = [19_000_000, 2 ** 25, 2 ** 31, 2 ** 33][below(random, 4)];
    const size = Buffer.alloc(9, "{");
    size.writeBigUInt64LE(BigInt(length));
    writeSparse(path.join(folder, "model.safetensors"), size, 2 ** 34);
  },
  "a file of absurd length beside the weights": (folder, random) => {
    const name = ["config.json", "tokenizer.json", "generation_config.json", "lacuna.json"][below(random, 4)];
    writeSparse(path.join(folder, name), Buffer.from("{"), [50_000_000, 2 ** 30, 2 ** 33][below(random, 3)] + 2 ** 20);
  },
  "shards that go in a circle": (folder, random) => {
    const file = path.join(folder, "model.safetensors");
    const index = path.join(folder, "model.safetensors.index.json");
    rmSync(file);
    const map = (...names: string[]): void => writeFileSync(index, JSON.stringify({ weight_map: Object.fromEntries(names.entries()) }));
    // The index as a shard of its own, a shard that is a link to itself, and one that is the folder.
    const kind = below(random, 3);
    map(["model.safetensors.index.json", "a.safetensors", "b.safetensors"][kind]);
    if (kind === 1) symlinkSync("a.safetensors", path.join(folder, "a.safetensors"));
    if (kind === 2) symlinkSync(".", path.join(folder, "b.safetensors"));
  },
  "a folder in a file's place": (folder, random) => {
    const name = ["config.json", "tokenizer.json", "model.safetensors"][below(random, 3)];
    rmSync(path.join(folder, name));
    mkdirSync(path.join(folder, name));
  },
};
