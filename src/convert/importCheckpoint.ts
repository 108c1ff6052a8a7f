import { writeFileSync } from "node:fs";
import path from "node:path";
import { verifierOf, type DecoderEntry, type LengthBias, type Manifest, type ManifestFile } from "../protocol/manifest.js";
import type { WeightFormat } from "../protocol/messages.js";
import { buildDecoderGraph } from "./graph/decoderGraph.js";
import { GraphBuilder } from "./graph/graphBuilder.js";
import type { DecoderRole } from "./graph/graphSource.js";
import { pausesOf, type Imported, type ImportWatch } from "./importWatch.js";
import { writeOnnx } from "../onnx/onnxWriter.js";
import { plainText } from "../protocol/plainText.js";
import { createTokenizer } from "../text/tokenizer.js";
import { describeBytes } from "./manifest/describeBytes.js";
import { ModelsFolder } from "./manifest/modelsFolder.js";
import { canvasOf, promptOf } from "./prompt/promptFormat.js";
import { readPromptSettings } from "./prompt/settings.js";
import { readTokenNames } from "./prompt/tokenNames.js";
import { readLengthBias } from "./sources/lengthBias.js";
import type { Checkpoint } from "./sources/checkpoint.js";
import { parameterCount, tensorShapes } from "./sources/network.js";
import { openCheckpoint } from "./sources/openCheckpoint.js";
import { sourceHash } from "./sources/sourceHash.js";
import { unusable } from "./unusable.js";
import { estimateBytes } from "./weights/estimate.js";
import { MatrixStore, type Pause, type WeightPlan } from "./weights/matrixStore.js";
import { WeightFile } from "./weights/weightFile.js";

/** Longest canvas, and suffix tokens behind an infilling canvas, that diffusers of this project are trained for. */
const DIFFUSER_SLOTS = 64;
const DIFFUSER_SUFFIX_HEAD = 8;

/** Below this there is no room for the text about a hole and for what is written into it. */
const FEWEST_CONTEXT_TOKENS = 128;
/** What a model is called that neither says its name nor was given one. */
const UNNAMED = "model";
const GRAPH_FILE = "model.onnx";
const DATA_FILE = "model.onnx.data";
const TOKENIZER_FILE = "tokenizer.json";

export interface Import {
  /** A GGUF file, or a Hugging Face folder: config.json, safetensors, tokenizer.json. */
  readonly source: string;
  /** Models folder; the files go into a folder of it named after the role. */
  readonly out: string;
  readonly role: DecoderRole;
  /** `auto`: in rows where the source is quantized, else in 8 bits by blocks. */
  readonly weights: WeightPlan | "auto";
  /** Text of a lacuna.json, in place of the one beside the source. */
  readonly settings?: string | undefined;
  /** Default: what the source says of itself. */
  readonly name?: string | undefined;
  readonly licence?: string | undefined;
  /** Default: the name of the file or folder. */
  readonly origin?: string | undefined;
}

/**
 * Makes a model that the engine runs out of a checkpoint, in memory that does not grow with it.
 *
 * @throws LacunaError `checkpointUnusable`, `diskFull`, `manifestInvalid`; Error of the file system. Nothing is left then
 */
export async function importCheckpoint(task: Import, watch: ImportWatch = {}): Promise<Imported<DecoderEntry>> {
  const folder = new ModelsFolder(task.out);
  const { checkpoint, close } = openCheckpoint(task.source);
  try {
    const { role } = task;
    const plan = task.weights === "auto" ? planFor(checkpoint) : task.weights;
    const entry = describe(task, checkpoint, plan, folder.manifest);
    const unfinished = folder.begin(role, estimateBytes(checkpoint, plan));
    try {
      const pause = pausesOf(watch, parameterCount(checkpoint.network));
      const files = await writeModel(unfinished, task, checkpoint, plan, pause);
      const source = role === "verifier" ? { sourceSha256: await sourceHash(checkpoint.weightFiles, () => pause(0)) } : {};
      const model: DecoderEntry = { ...entry, ...source, ...files };
      return { model, manifest: folder.finish(model) };
    } catch (error) {
      folder.abandon(role);
      throw error;
    }
  } finally {
    close();
  }
}

/** For a quantized source the form that reads prompts fastest; what it loses beside the file's own values is little. */
function planFor(checkpoint: Checkpoint): WeightPlan {
  const { network } = checkpoint;
  const isFloat = [...tensorShapes(network)].every(([name, [rows, columns]]) => /^(B?F16|F32)$/.test(checkpoint.tensor(name, rows, columns).type));
  return isFloat ? "int8" : "rows";
}

/** What a plan is called in a manifest. */
export const FORMATS: Readonly<Record<WeightPlan, WeightFormat>> = {
  fp32: "fp32",
  int8: "int8",
  int4: "int4",
  mixed: "mixed",
  rows: "int8",
  stored: "mixed",
};

type WithoutFiles<T> = T extends unknown ? Omit<T, "graph" | "data" | "tokenizer"> : never;

/** The entry without its files; whatever cannot become one is refused here, before anything is written. */
function describe(task: Import, checkpoint: Checkpoint, plan: WeightPlan, manifest: Manifest | undefined): WithoutFiles<DecoderEntry> {
  const { network, tokenizer, stated } = checkpoint;
  if (network.contextTokens < FEWEST_CONTEXT_TOKENS) {
    const what = `sees no more than ${network.contextTokens} tokens at a time, too few to fill in code`;
    throw unusable(what, undefined, "Use a model for longer texts.");
  }
  const names = readTokenNames(tokenizer, network.vocabSize);
  checkTokenizer(tokenizer);
  const settingsText = task.settings ?? checkpoint.settings;
  const settings = settingsText === undefined ? {} : readPromptSettings(settingsText, names);
  const { layers, kvHeads, headDim } = network;
  const facts = {
    name: plainText(task.name ?? checkpoint.name) || UNNAMED,
    weights: FORMATS[plan],
    parameters: parameterCount(network),
    contextTokens: network.contextTokens,
    vocabSize: network.vocabSize,
    cache: { layers, kvHeads, headDim, type: "float32" as const },
    licence: plainText(task.licence ?? checkpoint.licence ?? "") || "unknown",
    origin: plainText(task.origin ?? path.basename(path.resolve(task.source))) || "unknown",
  };
  if (task.role === "verifier") return { ...facts, role: "verifier", ...promptOf(settings, stated, names, network.vocabSize) };
  const verifier = manifest === undefined ? undefined : verifierOf(manifest);
  if (verifier === undefined) {
    throw unusable(
      "is to be a diffuser, and there is no verifier yet that it could belong to",
      undefined,
      "Import the verifier into the same folder first.",
    );
  }
  if (verifier.tokenizer.sha256 !== describeBytes("", Buffer.from(tokenizer)).sha256) {
    throw unusable(`has another tokenizer than the verifier ${verifier.name}; the two must share one`);
  }
  const canvas = canvasOf(settings, names);
  const bias: LengthBias | undefined = readLengthBias(checkpoint.lengthBias);
  const sizes = { maxSlots: DIFFUSER_SLOTS, suffixHeadTokens: DIFFUSER_SUFFIX_HEAD };
  return { ...facts, role: "diffuser", verifier: verifier.data.sha256, ...sizes, canvas, ...(bias === undefined ? {} : { lengthBias: bias }) };
}

/** What the engine could not read, nobody should wait minutes for. */
function checkTokenizer(json: string): void {
  try {
    createTokenizer(json).encode("def f(x):\n\treturn [x, 10]\n");
  } catch (cause) {
    throw unusable("has a tokenizer that cannot be read", cause, "Use a model whose tokenizer is a byte-level BPE, complete and unchanged.");
  }
}

async function writeModel(
  folder: string,
  { role }: Import,
  checkpoint: Checkpoint,
  plan: WeightPlan,
  pause: Pause,
): Promise<{ readonly graph: ManifestFile; readonly data: ManifestFile; readonly tokenizer: ManifestFile }> {
  const { network } = checkpoint;
  const file = new WeightFile(path.join(folder, DATA_FILE));
  const store = new MatrixStore(file, pause);
  let graph: Uint8Array;
  let data: ManifestFile;
  try {
    graph = writeOnnx(await buildDecoderGraph({ network, role, tensor: checkpoint.tensor }, new GraphBuilder(store, plan)));
  } finally {
    data = { path: `${role}/${DATA_FILE}`, ...file.close() };
  }
  const tokenizer = Buffer.from(checkpoint.tokenizer);
  writeFileSync(path.join(folder, GRAPH_FILE), graph);
  writeFileSync(path.join(folder, TOKENIZER_FILE), tokenizer);
  return {
    graph: describeBytes(`${role}/${GRAPH_FILE}`, graph),
    data,
    tokenizer: describeBytes(`${role}/${TOKENIZER_FILE}`, tokenizer),
  };
}
