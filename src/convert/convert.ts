import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ManifestModel } from "../protocol/manifest.js";
import type { WeightFormat } from "../protocol/messages.js";
import { readQwen2Config, type Qwen2Config } from "./checkpoint.js";
import { describeFile } from "./describeFile.js";
import { readLengthBias } from "./lengthBias.js";
import { makeFolder } from "./makeFolder.js";
import { checkFits } from "./manifestFile.js";
import { writeOnnx } from "./onnxWriter.js";
import { buildQwen2Graph, type GraphSource } from "./qwen2Graph.js";
import { Safetensors } from "./safetensors.js";
import { WeightFile } from "./weightFile.js";

/** Longest canvas, and suffix tokens behind an infilling canvas, that diffusers of this project are trained for. */
const DIFFUSER_SLOTS = 64;
const DIFFUSER_SUFFIX_HEAD = 8;

const GRAPH_FILE = "model.onnx";
const DATA_FILE = "model.onnx.data";

export interface Conversion {
  /** Hugging Face folder: config.json, model.safetensors, tokenizer.json. */
  readonly source: string;
  /** Models folder; the files go into a folder of it named after the role. */
  readonly out: string;
  readonly role: ManifestModel["role"];
  readonly weights: WeightFormat;
  readonly name: string;
  readonly licence: string;
  readonly origin: string;
}

/**
 * Converts one checkpoint into a graph for decoding, with its weights beside it.
 *
 * @returns the model's entry in the manifest
 * @throws LacunaError `checkpointUnusable`; also when the model does not fit `out`, see `checkFits`
 */
export function convertCheckpoint({ source, out, role, weights, name, licence, origin }: Conversion): ManifestModel {
  checkFits(out, path.join(source, "tokenizer.json"), role);
  const config = readQwen2Config(source);
  const lengthBias = readLengthBias(source);
  const tensors = Safetensors.open(source);
  const folder = path.join(out, role);
  // The files take their place when both are complete: a conversion that fails leaves an earlier model as it was.
  const unfinished = `${folder}.unfinished`;
  makeFolder(unfinished);
  try {
    writeModel(unfinished, { config, tensors, role, format: weights });
    makeFolder(folder);
    for (const file of [GRAPH_FILE, DATA_FILE]) renameSync(path.join(unfinished, file), path.join(folder, file));
  } finally {
    rmSync(unfinished, { recursive: true });
  }
  const isDiffuser = role === "diffuser";
  return {
    name,
    role,
    weights,
    parameters: parameterCount(config),
    contextTokens: config.contextTokens,
    vocabSize: config.vocabSize,
    layers: config.layers,
    kvHeads: config.kvHeads,
    headDim: config.headDim,
    maxSlots: isDiffuser ? DIFFUSER_SLOTS : 0,
    suffixHeadTokens: isDiffuser ? DIFFUSER_SUFFIX_HEAD : 0,
    ...(isDiffuser && lengthBias !== undefined ? { lengthBias } : {}),
    graph: describeFile(out, path.join(folder, GRAPH_FILE)),
    data: describeFile(out, path.join(folder, DATA_FILE)),
    licence,
    origin,
  };
}

function writeModel(folder: string, source: GraphSource): void {
  const weightFile = new WeightFile(path.join(folder, DATA_FILE));
  try {
    writeFileSync(path.join(folder, GRAPH_FILE), writeOnnx(buildQwen2Graph(source, weightFile)));
  } finally {
    weightFile.close();
  }
}

function parameterCount({ layers, hiddenSize, heads, kvHeads, headDim, intermediateSize, vocabSize, tiedEmbedding }: Qwen2Config): number {
  const projections = (heads + 2 * kvHeads) * headDim * (hiddenSize + 1) + heads * headDim * hiddenSize;
  const layer = projections + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
  return layers * layer + (tiedEmbedding ? 1 : 2) * vocabSize * hiddenSize + hiddenSize;
}
