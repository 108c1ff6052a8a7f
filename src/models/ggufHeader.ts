import { BrokenHeader, HeaderCursor } from "./headerCursor.js";
import { TENSOR_TYPES } from "./tensorType.js";

/** What the header of a GGUF file says, as far as it is wanted here: scalars and texts, and the sums over its tensors. */
export interface GgufHeader {
  readonly version: number;
  readonly values: ReadonlyMap<string, number | boolean | string>;
  /** Those of `wantedTokens` that its vocabulary has. */
  readonly tokens: ReadonlySet<string>;
  /** How many elements are stored in each kind of tensor, by the kind's number. */
  readonly elements: ReadonlyMap<number, number>;
  /** Sum of the elements of all tensors. */
  readonly parameters: number;
  /** The least bytes that the file must have for its tensors to lie in it; 0 where a kind's size is not known. */
  readonly leastBytes: number;
}

/** No header needs more; the largest vocabularies take about 20 MB. */
export const MAX_HEADER_BYTES = 64 * 2 ** 20;
const MAX_ENTRIES = 65_536;
const MAX_KEY_BYTES = 65_535;
const MAX_TEXT_BYTES = 16 * 2 ** 20;
/** Texts above this are passed over: templates and the like, which nothing here asks for. */
const MAX_KEPT_BYTES = 4096;
/** No special token is longer. */
const MAX_TOKEN_BYTES = 64;
const MAX_DIMS = 8;
const MAX_DEPTH = 3;

const UINT8 = 0;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const NUMBERS = new Map<number, readonly [bytes: number, kind: "unsigned" | "signed" | "float"]>([
  [UINT8, [1, "unsigned"]], [1, [1, "signed"]], [2, [2, "unsigned"]], [3, [2, "signed"]], [4, [4, "unsigned"]], [5, [4, "signed"]],
  [6, [4, "float"]], [BOOL, [1, "unsigned"]], [10, [8, "unsigned"]], [11, [8, "signed"]], [12, [8, "float"]],
]); // prettier-ignore

const DECODER = new TextDecoder();
const TOKENS_KEY = "tokenizer.ggml.tokens";

/** Whether a file that begins with these bytes says that it is a GGUF file. */
export function isGguf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && String.fromCharCode(...bytes.subarray(0, 4)) === "GGUF";
}

/**
 * Reads a header of version 2 or 3. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "File Structure".
 *
 * @param bytes the beginning of the file
 * @param wantedTokens texts to look for in the vocabulary; each begins with an ASCII character
 * @throws NeedsMore when the header is longer; BrokenHeader when it is none
 */
export function parseGgufHeader(bytes: Uint8Array, wantedTokens: ReadonlySet<string>): GgufHeader {
  if (!isGguf(bytes)) throw new BrokenHeader("is no GGUF file");
  const cursor = new HeaderCursor(bytes);
  cursor.skip(4);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new BrokenHeader(`is of version ${version} of the format, not 2 or 3`);
  const tensorCount = bounded(cursor.u64(), "tensors");
  const entryCount = bounded(cursor.u64(), "entries");
  const values = new Map<string, number | boolean | string>();
  const tokens = new Set<string>();
  const firstBytes = new Set([...wantedTokens].map((token) => token.charCodeAt(0)));
  const collectTokens = (text: Uint8Array): void => {
    // Most of a hundred thousand texts need not be decoded.
    if (text.length > MAX_TOKEN_BYTES || !firstBytes.has(text[0])) return;
    const token = DECODER.decode(text);
    if (wantedTokens.has(token)) tokens.add(token);
  };
  for (let entry = 0; entry < entryCount; entry++) {
    const key = cursor.string(MAX_KEY_BYTES);
    const value = readValue(cursor, cursor.u32(), key === TOKENS_KEY ? collectTokens : undefined);
    if (value !== undefined) values.set(key, value);
  }
  return { version, values, tokens, ...readTensors(cursor, tensorCount, alignmentOf(values)) };
}

function alignmentOf(values: GgufHeader["values"]): number {
  const alignment = values.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || !(alignment >= 1 && alignment <= 2 ** 20)) throw new BrokenHeader("aligns its tensors absurdly");
  return alignment;
}

/** A scalar or a short text; undefined for what is passed over. `onText` gets the texts of an array. */
function readValue(cursor: HeaderCursor, kind: number, onText?: (text: Uint8Array) => void, depth = 0): number | boolean | string | undefined {
  const number = NUMBERS.get(kind);
  if (number !== undefined) {
    const value = cursor.scalar(...number);
    return kind === BOOL ? value !== 0 : value;
  }
  if (kind === STRING) {
    const text = cursor.stringBytes(MAX_TEXT_BYTES);
    return text.length > MAX_KEPT_BYTES ? undefined : DECODER.decode(text);
  }
  if (kind !== ARRAY || depth === MAX_DEPTH) throw new BrokenHeader(`has an entry of the unknown kind ${kind}`);
  readArray(cursor, onText, depth);
  return undefined;
}

function readArray(cursor: HeaderCursor, onText: ((text: Uint8Array) => void) | undefined, depth: number): void {
  const kind = cursor.u32();
  const length = cursor.u64();
  const element = NUMBERS.get(kind);
  // Every text and every array takes at least eight bytes to say how long it is.
  if (length * (element?.[0] ?? 8) > MAX_HEADER_BYTES) throw new BrokenHeader(`has a list of ${length} values in its header`);
  if (element !== undefined) {
    cursor.skip(length * element[0]);
    return;
  }
  for (let index = 0; index < length; index++) {
    if (kind === STRING) {
      const text = cursor.stringBytes(MAX_TEXT_BYTES);
      onText?.(text);
    } else {
      readValue(cursor, kind, undefined, depth + 1);
    }
  }
}

function readTensors(cursor: HeaderCursor, count: number, alignment: number): Pick<GgufHeader, "elements" | "parameters" | "leastBytes"> {
  const elements = new Map<number, number>();
  let parameters = 0;
  let dataBytes = 0;
  for (let tensor = 0; tensor < count; tensor++) {
    cursor.stringBytes(MAX_KEY_BYTES);
    const dims = cursor.u32();
    if (dims > MAX_DIMS) throw new BrokenHeader(`has a tensor of ${dims} dimensions`);
    let size = 1;
    for (let dim = 0; dim < dims; dim++) size *= cursor.u64();
    if (!Number.isSafeInteger(size)) throw new BrokenHeader("has a tensor of an absurd size");
    const kind = cursor.u32();
    const offset = cursor.u64();
    elements.set(kind, (elements.get(kind) ?? 0) + size);
    parameters += size;
    const type = TENSOR_TYPES.get(kind);
    if (type !== undefined) dataBytes = Math.max(dataBytes, offset + Math.ceil(size / type.elements) * type.bytes);
  }
  const dataBegin = Math.ceil(cursor.position / alignment) * alignment;
  return { elements, parameters, leastBytes: dataBytes === 0 ? 0 : dataBegin + dataBytes };
}

function bounded(count: number, what: string): number {
  if (count > MAX_ENTRIES) throw new BrokenHeader(`has ${count} ${what}, which is absurd`);
  return count;
}
