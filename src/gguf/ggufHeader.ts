import { GgufList, NUMBER_KINDS, STRING_KIND } from "./ggufList.js";
import { BrokenHeader, HeaderCursor, NeedsMore } from "./headerCursor.js";

/** A value of a header; lists are decoded by who wants them. */
export type HeaderValue = string | number | boolean | GgufList;

/** What a header says of a tensor. */
export interface TensorInfo {
  readonly name: string;
  /** The first dimension is the one that runs fastest: the columns of a matrix. */
  readonly dims: readonly number[];
  /** The product of the dimensions. */
  readonly values: number;
  /** The number of its type. */
  readonly kind: number;
  /** Where it begins, counted from `dataBegin`. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, HeaderValue>;
  readonly tensors: readonly TensorInfo[];
  /** Where the tensors begin in the file; a multiple of `alignment`. */
  readonly dataBegin: number;
  readonly alignment: number;
}

/** No header needs more; a vocabulary of 262,144 tokens with its merges takes about 15 MB. All that is read of it is kept in memory. */
export const MAX_HEADER_BYTES = 48 * 2 ** 20;
/** Enough for the header of a model with a small vocabulary; larger ones are read again with more. */
const FIRST_BYTES = 2 ** 18;
const GROWTH = 4;

const MAX_ENTRIES = 65_536;
const MAX_KEY_BYTES = 65_535;
const MAX_TEXT_BYTES = 16 * 2 ** 20;
const MAX_DIMS = 4;
const MAX_DEPTH = 3;
const MAX_ALIGNMENT = 2 ** 20;

const BOOL = 7;
const ARRAY = 9;

const DECODER = new TextDecoder();

/** Whether a file that begins with these bytes says that it is a GGUF file. */
export function isGguf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && String.fromCharCode(...bytes.subarray(0, 4)) === "GGUF";
}

/**
 * Reads the header of a file, whoever opens it: yields how many bytes it wants from the file's beginning, and goes on with them.
 *
 * @param size bytes of the file
 * @throws BrokenHeader when it is none
 */
export function* headerReading(size: number): Generator<number, GgufHeader, Uint8Array> {
  for (let wanted = FIRST_BYTES; ;) {
    const bytes = yield Math.min(wanted, size);
    try {
      return parseGgufHeader(bytes);
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      if (bytes.length >= size) throw new BrokenHeader("is cut short: it ends in the middle of its header");
      if (error.bytes > MAX_HEADER_BYTES || wanted >= MAX_HEADER_BYTES) throw new BrokenHeader("has a header larger than any model needs");
      wanted = Math.min(MAX_HEADER_BYTES, Math.max(error.bytes, wanted * GROWTH));
    }
  }
}

/**
 * Reads a header of version 2 or 3. No count is believed before the bytes for it were seen.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "File Structure".
 *
 * @param bytes the beginning of the file
 * @throws NeedsMore when the header is longer; BrokenHeader when it is none
 */
export function parseGgufHeader(bytes: Uint8Array): GgufHeader {
  if (!isGguf(bytes)) throw new BrokenHeader("is no GGUF file");
  const cursor = new HeaderCursor(bytes);
  cursor.skip(4);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new BrokenHeader(`is a GGUF file of version ${version}; 2 and 3 are read`);
  const tensorCount = bounded(cursor.u64(), "tensors");
  const entryCount = bounded(cursor.u64(), "entries");
  const metadata = new Map<string, HeaderValue>();
  for (let entry = 0; entry < entryCount; entry++) {
    const key = DECODER.decode(cursor.stringBytes(MAX_KEY_BYTES));
    if (metadata.has(key)) throw new BrokenHeader(`has the entry ${JSON.stringify(key)} twice`);
    metadata.set(key, readValue(cursor, cursor.u32()));
  }
  const tensors: TensorInfo[] = [];
  for (let tensor = 0; tensor < tensorCount; tensor++) tensors.push(readTensor(cursor));
  const alignment = alignmentOf(metadata);
  return { metadata, tensors, alignment, dataBegin: Math.ceil(cursor.position / alignment) * alignment };
}

function alignmentOf(metadata: GgufHeader["metadata"]): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  const isSound = typeof alignment === "number" && alignment >= 8 && alignment <= MAX_ALIGNMENT && alignment % 8 === 0;
  if (!isSound) throw new BrokenHeader(`aligns its tensors absurdly, at ${JSON.stringify(alignment)}`);
  return alignment;
}

function readValue(cursor: HeaderCursor, kind: number): HeaderValue {
  const number = NUMBER_KINDS.get(kind);
  if (number !== undefined) {
    const part = cursor.bytes(number.bytes);
    const value = number.read(new DataView(part.buffer, part.byteOffset, part.byteLength), 0);
    return kind === BOOL ? value !== 0 : value;
  }
  if (kind === STRING_KIND) return DECODER.decode(cursor.stringBytes(MAX_TEXT_BYTES));
  if (kind !== ARRAY) throw new BrokenHeader(`has an entry of the unknown kind ${kind}`);
  return readList(cursor, 0);
}

function readList(cursor: HeaderCursor, depth: number): GgufList {
  const kind = cursor.u32();
  const length = cursor.u64();
  const number = NUMBER_KINDS.get(kind);
  // Every text and every list takes at least eight bytes to say how long it is.
  if (length * (number?.bytes ?? 8) > MAX_HEADER_BYTES) throw new BrokenHeader(`has a list of ${length} values in its header`);
  const begin = cursor.position;
  if (number !== undefined) cursor.skip(length * number.bytes);
  else if (kind === STRING_KIND) for (let index = 0; index < length; index++) cursor.stringBytes(MAX_TEXT_BYTES);
  else if (kind !== ARRAY || depth === MAX_DEPTH) throw new BrokenHeader(`has a list of the unknown kind ${kind}`);
  else for (let index = 0; index < length; index++) readList(cursor, depth + 1);
  return new GgufList(kind, length, cursor.since(begin));
}

function readTensor(cursor: HeaderCursor): TensorInfo {
  const name = DECODER.decode(cursor.stringBytes(MAX_KEY_BYTES));
  const count = cursor.u32();
  if (count > MAX_DIMS) throw new BrokenHeader(`gives ${count} dimensions to ${name}`);
  const dims = Array.from({ length: count }, () => cursor.u64());
  const values = dims.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(values)) throw new BrokenHeader(`has a tensor of an absurd size: ${name}, [${dims.join(", ")}]`);
  return { name, dims, values, kind: cursor.u32(), offset: cursor.u64() };
}

function bounded(count: number, what: string): number {
  if (count > MAX_ENTRIES) throw new BrokenHeader(`has ${count} ${what}, which is absurd`);
  return count;
}
