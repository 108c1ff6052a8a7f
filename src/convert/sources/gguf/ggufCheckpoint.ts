import { existsSync } from "node:fs";
import path from "node:path";
import { bytesOf } from "../../../gguf/tensorKind.js";
import { unusable } from "../../unusable.js";
import type { Checkpoint, StatedTokens, StoredTensor } from "../checkpoint.js";
import { decodeTensor } from "../decodeTensor.js";
import type { Network } from "../network.js";
import { readText } from "../readText.js";
import { openGguf, type GgufFiles, type PlacedTensor } from "./ggufFiles.js";
import { huggingFaceName } from "./ggufNames.js";
import { readGgufNetwork } from "./ggufNetwork.js";
import { makeTokenizer } from "./ggufTokenizer.js";

const EMBEDDING = "model.embed_tokens.weight";
const HEAD = "lm_head.weight";

/**
 * Opens a GGUF file as a checkpoint.
 *
 * @returns the checkpoint, and what closes its files
 * @throws LacunaError `checkpointUnusable`
 */
export function openGgufCheckpoint(file: string): { checkpoint: Checkpoint; close: () => void } {
  const opened = openGguf(file);
  const close = (): void => opened.files.forEach((part) => part.close());
  try {
    return { checkpoint: checkpointOf(opened, file), close };
  } catch (error) {
    close();
    throw error;
  }
}

function checkpointOf(opened: GgufFiles, file: string): Checkpoint {
  const { metadata } = opened;
  const tensors = new Map([...opened.tensors.values()].map((tensor) => [huggingFaceName(tensor.name), tensor]));
  let network = readGgufNetwork(opened);
  const head = tensors.get(HEAD);
  const embedding = tensors.get(EMBEDDING);
  if (head !== undefined && embedding !== undefined && areOne(embedding, head)) {
    // Some files hold a tied matrix twice, in two precisions: the finer one serves as both.
    network = { ...network, tiedEmbedding: true };
    if (finer(head, embedding)) tensors.set(EMBEDDING, head);
    tensors.delete(HEAD);
  }
  const settingsPath = `${file}.lacuna.json`;
  const text = (key: string): string | undefined => {
    const value = metadata.get(key);
    return typeof value === "string" ? value : undefined;
  };
  return {
    network,
    tokenizer: makeTokenizer(metadata, network.vocabSize),
    stated: statedTokens(metadata, network.vocabSize),
    settings: existsSync(settingsPath) ? readText(settingsPath) : undefined,
    name: text("general.name") ?? path.basename(file, path.extname(file)),
    licence: text("general.license"),
    tensorNames: [...tensors.keys()],
    weightFiles: opened.files,
    tensor: (name, rows, columns) => storedTensor(tensors.get(name), name, rows, columns, network),
  };
}

function storedTensor(tensor: PlacedTensor | undefined, name: string, rows: number, columns: number, network: Network): StoredTensor {
  if (tensor === undefined) throw unusable(`has no tensor ${name}`);
  const [width, height = 1, ...more] = tensor.dims;
  if (width !== columns || height !== rows || more.some((size) => size !== 1)) {
    throw unusable(`has ${tensor.name} of shape [${tensor.dims.join(", ")}] instead of [${columns}${rows === 1 ? "" : `, ${rows}`}]`);
  }
  const { type, file, begin } = tensor;
  const rowBytes = bytesOf(type, columns);
  const read = (from: number, count: number): Uint8Array => file.read(begin + from * rowBytes, count * rowBytes);
  const headRows = turnedHeadRows(name, network);
  return { name, type, rows, columns, read: headRows === undefined ? read : (from, count) => unturned(read, rowBytes, headRows, from, count) };
}

/** Rows of one head where GGUF stores the queries and keys of a family in the order of its own rotary positions. */
function turnedHeadRows(name: string, { family, headDim }: Network): number | undefined {
  return family === "llama" && /\.self_attn\.[qk]_proj\.weight$/.test(name) ? headDim : undefined;
}

/**
 * Reads rows whose halves of each head were interleaved: row 2i + j of a head in the file is row j * headDim / 2 + i.
 *
 * Source: https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py, `LlamaModel.permute`.
 */
function unturned(read: StoredTensor["read"], rowBytes: number, headRows: number, from: number, count: number): Uint8Array {
  const firstHead = Math.floor(from / headRows);
  const start = firstHead * headRows;
  const end = Math.ceil((from + count) / headRows) * headRows;
  const stored = read(start, end - start);
  const bytes = new Uint8Array(count * rowBytes);
  const half = headRows / 2;
  for (let index = 0; index < count; index += 1) {
    const row = from + index;
    const inHead = row % headRows;
    const at = row - inHead - start + 2 * (inHead % half) + Math.floor(inHead / half);
    bytes.set(stored.subarray(at * rowBytes, (at + 1) * rowBytes), index * rowBytes);
  }
  return bytes;
}

const SAMPLED_ROWS = 16;
/** Mean squared difference, as a share of the mean square, that two roundings of one matrix stay below. */
const MOST_ROUNDING = 0.05;

/** Whether two matrices are one, rounded in two ways; judged by some rows. */
function areOne(a: PlacedTensor, b: PlacedTensor): boolean {
  if (a.dims.join() !== b.dims.join()) return false;
  const [columns, rows = 1] = a.dims;
  let [difference, size] = [0, 0];
  for (let sample = 0; sample < SAMPLED_ROWS; sample += 1) {
    const row = Math.floor((sample * rows) / SAMPLED_ROWS);
    const [left, right] = [a, b].map((tensor) => {
      const bytes = bytesOf(tensor.type, columns);
      return decodeTensor(tensor.type, tensor.file.read(tensor.begin + row * bytes, bytes));
    });
    for (let column = 0; column < columns; column += 1) {
      difference += (left[column] - right[column]) ** 2;
      size += right[column] ** 2;
    }
  }
  return difference < MOST_ROUNDING * size;
}

/** Whether `a` takes more bytes for the same values than `b`. */
function finer(a: PlacedTensor, b: PlacedTensor): boolean {
  return a.end - a.begin > b.end - b.begin;
}

function statedTokens(metadata: GgufFiles["metadata"], vocabSize: number): StatedTokens {
  const id = (...keys: string[]): number | undefined => {
    for (const key of keys) {
      const value = metadata.get(`tokenizer.ggml.${key}_token_id`);
      if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < vocabSize) return value;
    }
    return undefined;
  };
  const stated = {
    prefix: id("fim_pre", "prefix"),
    suffix: id("fim_suf", "suffix"),
    middle: id("fim_mid", "middle"),
    pad: id("fim_pad"),
    repository: id("fim_rep"),
    file: id("fim_sep"),
  };
  const known = Object.entries(stated).filter((entry): entry is [string, number] => entry[1] !== undefined);
  const ends = [id("eos"), id("eot"), id("eom")].filter((end): end is number => end !== undefined);
  return { ...(Object.fromEntries(known) as Omit<StatedTokens, "ends">), ends };
}
