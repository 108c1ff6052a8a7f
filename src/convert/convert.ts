import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ManifestModel } from "../protocol/manifest.js";
import type { WeightFormat } from "../protocol/messages.js";
import { readQwen2Config, type Qwen2Config } from "./checkpoint.js";
import { describeFile } from "./describeFile.js";
import { writeOnnx } from "./onnxWriter.js";
import { buildQwen2Graph } from "./qwen2Graph.js";
import { Safetensors } from "./safetensors.js";
import { WeightFile } from "./weightFile.js";

/** Longest canvas, and suffix tokens behind an infilling canvas, that diffusers of this project are trained for. */
const DIFFUSER_SLOTS = 64;
const DIFFUSER_SUFFIX_HEAD = 8;

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
 * @throws LacunaError `checkpointUnusable`
 */
export function convertCheckpoint({ source, out, role, weights, name, licence, origin }: Conversion): ManifestModel {
  const config = readQwen2Config(source);
  const tensors = Safetensors.open(source);
  const folder = path.join(out, role);
  mkdirSync(folder, { recursive: true });
  const dataPath = path.join(folder, "model.onnx.data");
  const graphPath = path.join(folder, "model.onnx");
  const weightFile = new WeightFile(dataPath);
  try {
    writeFileSync(graphPath, writeOnnx(buildQwen2Graph({ config, tensors, role, format: weights }, weightFile)));
  } finally {
    weightFile.close();
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
    graph: describeFile(out, graphPath),
    data: describeFile(out, dataPath),
    licence,
    origin,
  };
}

function parameterCount({ layers, hiddenSize, heads, kvHeads, headDim, intermediateSize, vocabSize, tiedEmbedding }: Qwen2Config): number {
  const projections = (heads + 2 * kvHeads) * headDim * (hiddenSize + 1) + heads * headDim * hiddenSize;
  const layer = projections + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
  return layers * layer + (tiedEmbedding ? 1 : 2) * vocabSize * hiddenSize + hiddenSize;
}
