import { existsSync } from "node:fs";
import path from "node:path";
import type { LengthBias } from "../../protocol/manifest.js";
import type { StoredTensor } from "../sources/checkpoint.js";
import { isObject, readJson, type Json } from "../sources/huggingFace/json.js";
import { Safetensors } from "../sources/huggingFace/safetensors.js";
import { readLengthBias } from "../sources/lengthBias.js";
import { checkedNetwork, FAMILIES, tensorShapes, type Network } from "../sources/network.js";
import { unusable } from "../unusable.js";

const SETTINGS = "reader.json";
const TENSORS = "reader.safetensors";
const SCALES = ".scales";
const FORMAT = 2;
const ROLES = ["draft", "infill"];

/** What training says of a reader. Source: training/lacuna_training/reader_export.py. */
export interface ReaderSettings {
  /** SHA-256 of the weight files of the verifier that it was trained for. */
  readonly verifierSha256: string;
  /** Its layers, whose sizes are the verifier's but for the units of the MLP; `vocabSize` and `tiedEmbedding` are the verifier's. */
  readonly network: Network;
  readonly verifierLayers: number;
  /** Layers of the verifier that its layers read, in their order. */
  readonly reads: readonly number[];
  readonly rank: number;
  /** Longest canvas. */
  readonly slots: number;
  /** Ids of the head's classes. */
  readonly headTokens: readonly number[];
  readonly lengthBias: LengthBias | undefined;
  /** Whether it writes one token a pass. */
  readonly isAutoregressive: boolean;
}

/** A reader as training exports it. */
export interface ReaderExport {
  readonly settings: ReaderSettings;
  /** Weights of its own. */
  readonly parameters: number;
  /** A tensor by the name that the export gives it; a vector is one row. */
  tensor(name: string, rows: number, columns: number): StoredTensor;
  close(): void;
}

/** Whether a folder holds an exported reader. */
export function isReaderExport(source: string): boolean {
  return existsSync(path.join(source, SETTINGS));
}

/** What training says of the reader in a folder. @throws LacunaError `checkpointUnusable` */
export function readReaderSettings(folder: string): ReaderSettings {
  return readSettings(readJson(folder, SETTINGS));
}

/**
 * Opens the folder of an exported reader. All its tensors are there and of the right shape, and there is none besides.
 *
 * @throws LacunaError `checkpointUnusable`
 */
export function openReaderExport(folder: string): ReaderExport {
  const settings = readReaderSettings(folder);
  const tensors = Safetensors.open(folder, [TENSORS]);
  try {
    const shapes = readerShapes(settings);
    let parameters = 0;
    for (const [name, [rows, columns]] of shapes) {
      readerTensor(tensors, name, rows, columns);
      parameters += rows * columns;
    }
    const extra = tensors.names.find((name) => !shapes.has(name) && !(name.endsWith(SCALES) && tensors.isCodes(name.slice(0, -SCALES.length))));
    if (extra !== undefined) throw unusable(`holds the tensor ${extra}, which a reader has no place for`);
    return { settings, parameters, tensor: (name, rows, columns) => readerTensor(tensors, name, rows, columns), close: () => tensors.close() };
  } catch (error) {
    tensors.close();
    throw error;
  }
}

/** A tensor as it is stored, or as codes of 8 bits and one scale a row stand for it. */
function readerTensor(tensors: Safetensors, name: string, rows: number, columns: number): StoredTensor {
  if (!tensors.isCodes(name)) return tensors.tensor(name, rows, columns);
  const codes = tensors.codes(name, rows, columns);
  const stored = tensors.tensor(`${name}${SCALES}`, 1, rows);
  if (stored.type !== "F32") throw unusable(`stores the scales of ${name} as ${stored.type}, not as F32`);
  const scales = new Float32Array(stored.read(0, 1).buffer, 0, rows);
  const read = (from: number, count: number): Uint8Array => {
    const values = Float32Array.from(codes(from, count), (code, at) => code * scales[from + Math.floor(at / columns)]);
    return new Uint8Array(values.buffer);
  };
  return { name, type: "F32", rows, columns, read };
}

function readSettings(json: Json): ReaderSettings {
  if (json.format !== FORMAT) {
    const remedy = "Export the reader with the training of this version, or update Lacuna.";
    throw unusable(`is a reader of the format ${JSON.stringify(json.format)}, not ${FORMAT}`, undefined, remedy);
  }
  if (json.role !== "reader") throw unusable(`has the role ${JSON.stringify(json.role)} in its ${SETTINGS}, not "reader"`);
  if (JSON.stringify(json.roles) !== JSON.stringify(ROLES)) throw unusable(`has the roles ${JSON.stringify(json.roles)}, not ${ROLES.join(" and ")}`);
  if (!isObject(json.verifier)) throw unusable(`does not say in its ${SETTINGS} which verifier it belongs to`);
  const { verifier } = json;
  const { sha256 } = verifier;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) throw unusable("has no verifier.sha256 that is one");
  const network = readNetwork(verifier, sizeOf(json, "units"));
  const verifierLayers = sizeOf(verifier, "layers");
  const reads = idsOf(json, "reads", verifierLayers);
  return {
    ...{ verifierSha256: sha256, network: { ...network, layers: reads.length }, verifierLayers, reads },
    ...{ rank: sizeOf(json, "rank"), slots: sizeOf(json, "slots") },
    headTokens: idsOf(json, "headTokens", network.vocabSize),
    lengthBias: readLengthBias(json.lengthBias),
    isAutoregressive: json.isAutoregressive === true,
  };
}

function readNetwork(verifier: Json, units: number): Network {
  const family = FAMILIES.find((name) => name === verifier.family);
  if (family === undefined) throw unusable(`belongs to a verifier of the type ${JSON.stringify(verifier.family)}, not one of ${FAMILIES.join(", ")}`);
  return checkedNetwork({
    family,
    hiddenSize: sizeOf(verifier, "hidden"),
    layers: sizeOf(verifier, "layers"),
    heads: sizeOf(verifier, "heads"),
    kvHeads: sizeOf(verifier, "kv_heads"),
    headDim: sizeOf(verifier, "head_dim"),
    intermediateSize: units,
    vocabSize: sizeOf(verifier, "vocabulary"),
    // Positions are the verifier's.
    contextTokens: 1,
    ropeTheta: positiveOf(verifier, "theta"),
    normEpsilon: positiveOf(verifier, "epsilon"),
    tiedEmbedding: verifier.is_tied === true,
    projectionBias: verifier.has_bias === true,
    outputBias: verifier.has_output_bias === true,
    headNorms: verifier.has_head_norms === true,
  });
}

/** Names and shapes [rows, columns] of the tensors of an export. */
function readerShapes({ network, rank, slots, headTokens }: ReaderSettings): Map<string, readonly [rows: number, columns: number]> {
  const { hiddenSize } = network;
  const shapes = new Map<string, readonly [number, number]>();
  for (const [name, shape] of tensorShapes(network)) if (name.startsWith("model.layers.")) shapes.set(name.slice("model.".length), shape);
  for (const name of ["input_map.weight", "hidden_map.weight"]) shapes.set(name, [hiddenSize, hiddenSize]);
  for (const name of ["mask", "end"]) shapes.set(name, [1, hiddenSize]);
  shapes.set("slots", [1 + slots, hiddenSize]);
  shapes.set("roles", [ROLES.length, hiddenSize]);
  shapes.set("previous", [headTokens.length + 2, rank]);
  shapes.set("following", [headTokens.length + 1, rank]);
  shapes.set("confidence.weight", [1, hiddenSize + rank]);
  shapes.set("confidence.bias", [1, 1]);
  return shapes;
}

function positiveOf(json: Json, key: string): number {
  const value = json[key];
  if (typeof value !== "number" || !(value > 0)) throw unusable(`has no positive number ${key} in its ${SETTINGS}`);
  return value;
}

function sizeOf(json: Json, key: string): number {
  const value = positiveOf(json, key);
  if (!Number.isSafeInteger(value) || value > 1 << 24) throw unusable(`has a ${key} of ${value}, which is no size`);
  return value;
}

/** Whole numbers below `limit`, each once, at least one. */
function idsOf(json: Json, key: string, limit: number): number[] {
  const value = json[key];
  const isId = (id: unknown): id is number => Number.isInteger(id) && Number(id) >= 0 && Number(id) < limit;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isId) || new Set(value).size !== value.length) {
    throw unusable(`has no list ${key} in its ${SETTINGS} of numbers below ${limit}, each once`);
  }
  return value;
}
