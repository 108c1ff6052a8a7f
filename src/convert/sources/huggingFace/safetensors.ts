import { existsSync } from "node:fs";
import path from "node:path";
import { unusable } from "../../unusable.js";
import type { StoredTensor } from "../checkpoint.js";
import { ReadableFile } from "../readableFile.js";
import { bytesOf, type TensorType } from "../../../gguf/tensorKind.js";
import { isObject, readJson } from "./json.js";

/** The format allows 100 MB; real headers of a thousand tensors take 0.2 MB, and what is read of one is kept in memory. */
const MOST_HEADER_BYTES = 20_000_000;
const MOST_SHARDS = 1000;
const TYPES: Readonly<Record<string, TensorType>> = { F32: "F32", F16: "F16", BF16: "BF16" };

/** A tensor's place: bytes [begin, end) of `file`. */
interface Entry {
  readonly file: ReadableFile;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The tensors of a folder, read part by part. Source: https://github.com/huggingface/safetensors, "Format". */
export class Safetensors {
  readonly #entries = new Map<string, Entry>();
  readonly #files: ReadableFile[] = [];

  /**
   * Reads the headers of model.safetensors in `folder`, or of the shards that model.safetensors.index.json names.
   *
   * @param names of the files, where they are others
   * @throws LacunaError `checkpointUnusable`; no file stays open then
   */
  static open(folder: string, names?: readonly string[]): Safetensors {
    const opened = new Safetensors();
    try {
      for (const shard of names ?? shardsOf(folder)) opened.#add(new ReadableFile(path.join(folder, shard)));
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** In the order of their names. */
  get files(): readonly ReadableFile[] {
    return this.#files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * The tensor of a name, as a matrix; one dimension is one row.
   *
   * @throws LacunaError `checkpointUnusable` when it is absent, or of another shape or type
   */
  tensor(name: string, rows: number, columns: number): StoredTensor {
    const { file, dtype, begin, end } = this.#entryOf(name, rows, columns);
    if (!Object.hasOwn(TYPES, dtype)) throw unusable(`stores ${name} as ${dtype}, not as F32, F16 or BF16`);
    const type = TYPES[dtype];
    const rowBytes = bytesOf(type, columns);
    if (end - begin !== rows * rowBytes) throw unusable(`gives ${end - begin} bytes to ${name} instead of ${rows * rowBytes}`);
    return { name, type, rows, columns, read: (from, count) => file.read(begin + from * rowBytes, count * rowBytes) };
  }

  /** Whether a tensor of this name holds whole numbers of 8 bits. */
  isCodes(name: string): boolean {
    return this.#entries.get(name)?.dtype === "I8";
  }

  /** Rows of such a tensor [rows, columns]. @throws LacunaError `checkpointUnusable` when it is absent or of another shape */
  codes(name: string, rows: number, columns: number): (from: number, count: number) => Int8Array {
    const { file, begin, end } = this.#entryOf(name, rows, columns);
    if (end - begin !== rows * columns) throw unusable(`gives ${end - begin} bytes to ${name} instead of ${rows * columns}`);
    return (from, count) => new Int8Array(file.read(begin + from * columns, count * columns).buffer, 0, count * columns);
  }

  #entryOf(name: string, rows: number, columns: number): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw unusable(`has no tensor ${name}`);
    const { shape } = entry;
    const wanted = shape.length === 1 ? [columns] : [rows, columns];
    if (shape.join() !== wanted.join() || (shape.length === 1 && rows !== 1)) {
      throw unusable(`has ${name} of shape [${shape.join(", ")}] instead of [${(rows === 1 ? [columns] : [rows, columns]).join(", ")}]`);
    }
    return entry;
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  #add(file: ReadableFile): void {
    this.#files.push(file);
    const placed: Entry[] = [];
    for (const [name, entry] of readHeader(file)) {
      if (this.#entries.has(name)) throw unusable(`has the tensor ${name} in two of its files`);
      this.#entries.set(name, entry);
      placed.push(entry);
    }
    placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
    for (let index = 1; index < placed.length; index += 1) {
      if (placed[index].begin < placed[index - 1].end) throw unusable(`is damaged: tensors overlap in ${file.name}`);
    }
  }
}

function shardsOf(folder: string): string[] {
  if (existsSync(path.join(folder, "model.safetensors"))) return ["model.safetensors"];
  if (!existsSync(path.join(folder, "model.safetensors.index.json"))) throw unusable("has no model.safetensors");
  const { weight_map: map } = readJson(folder, "model.safetensors.index.json");
  const names = new Set(isObject(map) ? Object.values(map) : []);
  if (names.size < 1 || names.size > MOST_SHARDS) throw unusable("has a broken model.safetensors.index.json");
  return [...names].map((name) => {
    // A shard lies in the folder itself, so that an index cannot point anywhere else.
    if (typeof name !== "string" || name === "" || path.basename(name) !== name) {
      throw unusable(`has a broken model.safetensors.index.json: it names ${JSON.stringify(name)}`);
    }
    return name;
  });
}

function readHeader(file: ReadableFile): [string, Entry][] {
  const headerBytes = file.size >= 8 ? Number(new DataView(file.read(0, 8).buffer).getBigUint64(0, true)) : Infinity;
  if (headerBytes > MOST_HEADER_BYTES || 8 + headerBytes > file.size) {
    throw unusable(`has a file that is no safetensors file, or is cut short: ${file.name}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(file.read(8, headerBytes)));
  } catch (cause) {
    throw unusable(`has a file with a broken header: ${file.name}`, cause);
  }
  if (!isObject(header)) throw unusable(`has a file with a broken header: ${file.name}`);
  const dataStart = 8 + headerBytes;
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => {
      const { dtype, shape, from, to } = checkedEntry(value, name, file);
      if (dataStart + to > file.size) throw unusable(`is cut short: ${file.name} ends before or inside ${name}`);
      return [name, { file, dtype, shape, begin: dataStart + from, end: dataStart + to }];
    });
}

function checkedEntry(value: unknown, name: string, file: ReadableFile): { dtype: string; shape: number[]; from: number; to: number } {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) >= 0;
  if (
    typeof dtype !== "string" ||
    !Array.isArray(shape) ||
    !shape.every(isSize) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(isSize) ||
    offsets[0] > offsets[1]
  ) {
    throw unusable(`has a file with a broken header: ${file.name}, at ${JSON.stringify(name)}`);
  }
  return { dtype, shape, from: offsets[0], to: offsets[1] };
}
