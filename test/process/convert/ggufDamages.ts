import { closeSync, ftruncateSync, openSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { ggufBytes, type Gguf, type Value } from "../../unit/convert/ggufWriter.js";

/** A way to damage a file; "" is never the result of one. */
type Damage = (bytes: Buffer, random: () => number) => Buffer;

export const below = (random: () => number, count: number): number => Math.floor(random() * count);
/** Sizes that are absurd in some way. */
export const ABSURD = [0n, 1n, 31n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** The header of a GGUF file ends where its first tensor begins; every 8 bytes of it that hold a small number may be a count. */
function countsOf(bytes: Buffer, end: number): number[] {
  return Array.from({ length: end - 8 }, (_, at) => at).filter(
    (at) => at >= 8 && bytes.readBigUInt64LE(at) < 100_000n && bytes.readBigUInt64LE(at) > 0n,
  );
}

/** Damages of the bytes of a file. */
const byteDamages: Readonly<Record<string, Damage>> = {
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

/** The entries without which a model cannot be read. */
const neededKeys = ({ metadata }: Gguf): string[] =>
  Object.keys(metadata).filter((key) => !/general\.name|_count_kv|key_length|value_length|freq_base|token_type|eos_token/.test(key));

/** Damages that are done before the file is written, each to one thing of it. */
const changes: Readonly<Record<string, (gguf: Gguf, random: () => number) => Gguf>> = {
  "an entry missing": (gguf, random) => {
    const needed = neededKeys(gguf);
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
  "an entry of another type": (gguf, random) => {
    const needed = neededKeys(gguf);
    const other = [{ bool: true }, { texts: ["x", "y"] }, { i32s: [] }, { f32: NaN }][below(random, 4)];
    return { ...gguf, metadata: { ...gguf.metadata, [needed[below(random, needed.length)]]: other } };
  },
  "tokens that are not as many as rows": (gguf, random) => {
    const { texts } = gguf.metadata["tokenizer.ggml.tokens"] as { texts: string[] };
    const others = random() < 0.5 ? texts.slice(0, below(random, texts.length)) : [...texts, "<|one more|>"];
    return { ...gguf, metadata: { ...gguf.metadata, "tokenizer.ggml.tokens": { texts: others } } };
  },
  "a merge that makes no token": (gguf, random) => {
    const texts = [...(gguf.metadata["tokenizer.ggml.merges"] as { texts: string[] }).texts];
    const merge = ["no token", "alone", "", "a b c"][below(random, 4)];
    return { ...gguf, metadata: { ...gguf.metadata, "tokenizer.ggml.merges": { texts: [...texts, merge] } } };
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

const part = (gguf: Gguf, no: number, count: number): Buffer => {
  const split: Record<string, Value> = { "split.no": { u32: no }, "split.count": { u32: count } };
  return ggufBytes({ ...gguf, metadata: { ...gguf.metadata, ...split } });
};

const partName = (no: number, count: number): string => `model-${String(no).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;

/** A file of which only the beginning is really on the disk; the rest is zero. */
export function writeSparse(file: string, start: Uint8Array, bytes: number): void {
  const opened = openSync(file, "w");
  writeSync(opened, start);
  ftruncateSync(opened, bytes);
  closeSync(opened);
}

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);
const LIST = 9;

/** A file's beginning up to its entries, of which `entries` are promised. */
const beginning = (tensors: number, entries: number): Buffer => Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors), u64(entries)]);

/** Ways to write something damaged into a folder. Each returns what is to be imported. */
const folderDamages: Readonly<Record<string, (sound: Gguf, folder: string, random: () => number) => string>> = {
  "tensors that overlap": (sound, folder, random) => {
    const bytes = ggufBytes(sound);
    const { name, dims } = sound.tensors[1 + below(random, sound.tensors.length - 1)];
    const label = text(name);
    bytes.writeBigUInt64LE(0n, bytes.indexOf(label) + label.length + 4 + 8 * dims.length + 4);
    return written(folder, "model.gguf", bytes);
  },
  "a tensor beyond the end": (sound, folder, random) => {
    const bytes = ggufBytes(sound);
    const { name, dims } = sound.tensors[below(random, sound.tensors.length)];
    const label = text(name);
    bytes.writeBigUInt64LE([2n ** 20n, 2n ** 40n, 2n ** 52n][below(random, 3)], bytes.indexOf(label) + label.length + 4 + 8 * dims.length + 4);
    return written(folder, "model.gguf", bytes);
  },
  "parts that go in a circle": (sound, folder, random) => {
    const [first, second] = [partName(1, 2), partName(2, 2)];
    const kind = below(random, 4);
    // Each the other one, the second the first, the second itself, both the first of three.
    if (kind === 0) symlinkSync(second, path.join(folder, first));
    else writeFileSync(path.join(folder, first), part(sound, 0, kind === 3 ? 3 : 2));
    if (kind === 3) writeFileSync(path.join(folder, second), part(sound, 0, 3));
    else symlinkSync(kind === 2 ? second : first, path.join(folder, second));
    return path.join(folder, random() < 0.5 ? first : second);
  },
  "parts that do not fit": (sound, folder, random) => {
    const count = 2 + below(random, 3);
    for (let no = 1; no <= count; no += 1) writeFileSync(path.join(folder, partName(no, count)), part(sound, count - no, count));
    return path.join(folder, partName(1 + below(random, count), count));
  },
  "an absurd number of parts": (sound, folder, random) => written(folder, partName(1, [0, 99_999][below(random, 2)]), part(sound, 0, 2)),
  "a long list in a large file": (_, folder, random) => {
    const kind = [8, LIST, 0, 12, 5][below(random, 5)];
    const length = [2 ** 20, 5 * 2 ** 20, 6 * 2 ** 20, 2 ** 27, 2 ** 40][below(random, 5)];
    const start = Buffer.concat([beginning(1, 1), text("tokenizer.ggml.tokens"), u32(LIST), u32(kind), u64(length)]);
    return sparse(folder, start, 2 ** 32);
  },
  "a long text in a large file": (_, folder, random) => {
    const length = [2 ** 20, 15 * 2 ** 20, 2 ** 28, 2 ** 31, 2 ** 33][below(random, 5)];
    const start = Buffer.concat([beginning(1, 1), random() < 0.5 ? Buffer.alloc(0) : Buffer.concat([text("general.name"), u32(8)]), u64(length)]);
    return sparse(folder, start, 2 ** 34);
  },
  "many tensors or entries in a large file": (_, folder, random) => {
    const many = [60_000, 65_536, 2 ** 30][below(random, 3)];
    return sparse(folder, random() < 0.5 ? beginning(many, 0) : beginning(0, many), 2 ** 32);
  },
  "settings of absurd length": (sound, folder) => {
    writeSparse(path.join(folder, "model.gguf.lacuna.json"), Buffer.from("{"), 2 ** 31 + 1);
    return written(folder, "model.gguf", ggufBytes(sound));
  },
};

function written(folder: string, name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

function sparse(folder: string, start: Uint8Array, bytes: number): string {
  const file = path.join(folder, "model.gguf");
  writeSparse(file, start, bytes);
  return file;
}

/** Ways to damage a sound file, each of which writes one into a folder and returns what is to be imported. */
export const ggufDamages: Readonly<Record<string, (sound: Gguf, folder: string, random: () => number) => string>> = {
  ...Object.fromEntries(
    Object.entries(byteDamages).map(([kind, damage]) => [
      kind,
      (sound: Gguf, folder: string, random: () => number) => written(folder, "model.gguf", damage(ggufBytes(sound), random)),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(changes).map(([kind, change]) => [
      kind,
      (sound: Gguf, folder: string, random: () => number) => written(folder, "model.gguf", ggufBytes(change(sound, random))),
    ]),
  ),
  ...folderDamages,
};
