import { ByteCursor } from "./byteCursor.js";
import { isTensorType, bytesOf, TENSOR_TYPES, type TensorType } from "../tensorType.js";
import type { ReadableFile } from "../readableFile.js";
import { unusable } from "../../unusable.js";

/** A vocabulary of 262,144 tokens with its merges takes about 15 MB; what is read of a header is kept in memory. */
const MOST_HEADER_BYTES = 40_000_000;
const MOST_TENSORS = 100_000;
const MOST_ENTRIES = 10_000;
const MOST_DIMENSIONS = 4;
const LONGEST_NAME = 1 << 16;

const MAGIC = 0x46554747;
const BIG_ENDIAN_MAGIC = 0x47475546;

export type NumberArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Value types of metadata by their number, with their size in bytes; 7 is a truth value, 8 a string, 9 an array. */
const SCALARS: Readonly<Record<number, { bytes: number; list: new (count: number) => NumberArray; read: (view: DataView, at: number) => number }>> = {
  0: { bytes: 1, list: Uint8Array, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, list: Int8Array, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, list: Uint16Array, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, list: Int16Array, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, list: Uint32Array, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, list: Int32Array, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, list: Float32Array, read: (view, at) => view.getFloat32(at, true) },
  7: { bytes: 1, list: Uint8Array, read: (view, at) => view.getUint8(at) },
  10: { bytes: 8, list: Float64Array, read: (view, at) => Number(view.getBigUint64(at, true)) },
  11: { bytes: 8, list: Float64Array, read: (view, at) => Number(view.getBigInt64(at, true)) },
  12: { bytes: 8, list: Float64Array, read: (view, at) => view.getFloat64(at, true) },
};
const TRUTH = 7;
const STRING = 8;
const ARRAY = 9;

/** Names of tensor types by their number; those that are not read too, so that a refusal can name them. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K",
  13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S",
  22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 30: "BF16", 34: "TQ1_0",
  35: "TQ2_0", 39: "MXFP4",
};

export type MetadataValue = string | number | boolean | readonly string[] | NumberArray;

export interface GgufTensor {
  readonly name: string;
  readonly type: TensorType;
  /** The first dimension is the one that runs fastest: the columns of a matrix. */
  readonly dims: readonly number[];
  /** Bytes [begin, end) of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly GgufTensor[];
}

/**
 * Reads the header of a GGUF file of version 2 or 3. Every count is held against the bytes that are left before
 * anything is allocated for it.
 *
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @throws LacunaError `checkpointUnusable`
 */
export function readGgufHeader(file: ReadableFile): GgufHeader {
  const cursor = new ByteCursor(file, MOST_HEADER_BYTES);
  const magic = cursor.u32();
  if (magic === BIG_ENDIAN_MAGIC) throw unusable(`is a big-endian GGUF file, which is not read: ${file.name}`);
  if (magic !== MAGIC) throw unusable(`is no GGUF file: ${file.name}`);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw unusable(`is a GGUF file of version ${version}; 2 and 3 are read: ${file.name}`);
  const tensorCount = counted(cursor, MOST_TENSORS, 24, "tensors");
  const entryCount = counted(cursor, MOST_ENTRIES, 13, "metadata entries");
  const metadata = new Map<string, MetadataValue>();
  for (let index = 0; index < entryCount; index += 1) {
    const key = readString(cursor, LONGEST_NAME);
    if (metadata.has(key)) throw unusable(`has the metadata ${JSON.stringify(key)} twice`);
    metadata.set(key, readValue(cursor, cursor.u32(), key));
  }
  return { metadata, tensors: readTensors(cursor, tensorCount, metadata, file) };
}

function counted(cursor: ByteCursor, most: number, bytes: number, what: string): number {
  const count = cursor.u64();
  if (count > most) throw unusable(`is damaged: it claims ${count} ${what}`);
  cursor.expect(count, bytes, `${count} ${what}`);
  return count;
}

function readString(cursor: ByteCursor, most = MOST_HEADER_BYTES): string {
  const length = cursor.u64();
  if (length > most) throw unusable(`is damaged: it has a name of ${length} bytes`);
  return new TextDecoder().decode(cursor.bytes(length));
}

function readValue(cursor: ByteCursor, type: number, key: string): MetadataValue {
  if (type === STRING) return readString(cursor);
  if (type === ARRAY) return readArray(cursor, key);
  const [value] = readNumbers(cursor, type, 1, key);
  return type === TRUTH ? value !== 0 : value;
}

function readArray(cursor: ByteCursor, key: string): MetadataValue {
  const type = cursor.u32();
  const count = cursor.u64();
  if (type !== STRING) return readNumbers(cursor, type, count, key);
  cursor.expect(count, 8, `${count} strings of ${key}`);
  return Array.from({ length: count }, () => readString(cursor));
}

function readNumbers(cursor: ByteCursor, type: number, count: number, key: string): NumberArray {
  if (!Object.hasOwn(SCALARS, type)) throw unusable(`has metadata of an unknown type ${type}: ${JSON.stringify(key)}`);
  const { bytes, list, read } = SCALARS[type];
  cursor.expect(count, bytes, `${count} values of ${key}`);
  const part = cursor.bytes(count * bytes);
  const view = new DataView(part.buffer, part.byteOffset, part.length);
  const numbers = new list(count);
  for (let index = 0; index < count; index += 1) numbers[index] = read(view, index * bytes);
  return numbers;
}

function readTensors(cursor: ByteCursor, count: number, metadata: ReadonlyMap<string, MetadataValue>, file: ReadableFile): GgufTensor[] {
  const found = Array.from({ length: count }, () => {
    const name = readString(cursor, LONGEST_NAME);
    const dimensions = cursor.u32();
    if (dimensions < 1 || dimensions > MOST_DIMENSIONS) throw unusable(`gives ${dimensions} dimensions to ${name}`);
    const dims = Array.from({ length: dimensions }, () => cursor.u64());
    return { name, dims, type: typeNamed(cursor.u32(), name), offset: cursor.u64() };
  });
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || !Number.isInteger(alignment) || alignment < 8 || alignment > 1 << 20 || alignment % 8 !== 0) {
    throw unusable(`has an alignment of ${JSON.stringify(alignment)}`);
  }
  const dataStart = Math.ceil(cursor.offset / alignment) * alignment;
  const tensors = found.map(({ name, dims, type, offset }): GgufTensor => {
    const values = dims.reduce((product, size) => product * size, 1);
    if (!Number.isSafeInteger(values) || values < 1) throw unusable(`gives the shape [${dims.join(", ")}] to ${name}`);
    if (dims[0] % TENSOR_TYPES[type].values !== 0) throw unusable(`stores ${name} as ${type}, of which ${dims[0]} columns are no whole blocks`);
    if (offset % alignment !== 0) throw unusable(`is damaged: ${name} lies at ${offset}, which is not aligned`);
    const begin = dataStart + offset;
    const end = begin + bytesOf(type, values);
    if (!(end <= file.size)) throw unusable(`is cut short: ${file.name} ends before or inside ${name}`);
    return { name, type, dims, begin, end };
  });
  refuseOverlaps(tensors);
  return tensors;
}

function typeNamed(number: number, tensor: string): TensorType {
  const name = Object.hasOwn(TYPE_NAMES, number) ? TYPE_NAMES[number] : `type ${number}`;
  if (!isTensorType(name)) throw unusable(`stores ${tensor} as ${name}, which is not read`, undefined, readTypesRemedy());
  return name;
}

function readTypesRemedy(): string {
  return `Get the model in another quantization; these are read: ${Object.keys(TENSOR_TYPES).join(", ")}.`;
}

function refuseOverlaps(tensors: readonly GgufTensor[]): void {
  const sorted = [...tensors].sort((a, b) => a.begin - b.begin);
  for (let index = 1; index < sorted.length; index += 1) {
    const [before, after] = [sorted[index - 1], sorted[index]];
    if (after.begin < before.end) throw unusable(`is damaged: ${after.name} overlaps ${before.name}`);
  }
}
