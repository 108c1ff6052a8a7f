import os from "node:os";
import { LacunaError } from "../../protocol/errors.js";
import type { Manifest, ManifestModel } from "../../protocol/manifest.js";
import type { Device, LoadedModel, LoadParams, LoadResult, SelfTest } from "../../protocol/messages.js";
import { createTokenizer, type Tokenizer } from "../../text/tokenizer.js";
import { chooseDevice } from "./device.js";
import { modelOfRole, openModelFiles, type ModelFiles } from "./modelFiles.js";
import { OnnxDiffuser } from "./onnxDiffuser.js";
import { OnnxModel } from "./onnxModel.js";
import { OnnxVerifier } from "./onnxVerifier.js";
import { PassGate } from "../passGate.js";
import { testInPlace, testInvariance } from "./selfTest.js";

const MAX_THREADS = 4;

/** Both models, ready to run, and what was learned while loading them. */
export interface LoadedModels {
  readonly manifest: Manifest;
  readonly files: ModelFiles;
  readonly tokenizer: Tokenizer;
  readonly gate: PassGate;
  /** Padded passes: exact. */
  readonly verifier: OnnxVerifier;
  /** One-token passes over the same weights and cache: the plain baseline. */
  readonly plainVerifier: OnnxVerifier;
  readonly diffuser: OnnxDiffuser;
  /** Ids of the tokens that hold a line feed. */
  readonly lineBreakIds: () => readonly number[];
  readonly verifierFacts: ManifestModel;
  readonly diffuserFacts: ManifestModel;
  readonly report: LoadResult;
  /** The device of the next pass: that of the report until it fails, then the processor. */
  readonly deviceInUse: () => Device;
}

/**
 * Opens a models folder, loads both graphs and runs the start-up self-tests.
 *
 * @throws LacunaError for anything missing, changed or unusable
 */
export async function loadModels({ modelsDir, threads, device: requested = "auto" }: LoadParams): Promise<LoadedModels> {
  const start = performance.now();
  const files = await openModelFiles(modelsDir);
  const { manifest } = files;
  const gate = new PassGate();
  const usedThreads = threads > 0 ? threads : Math.max(1, Math.min(MAX_THREADS, os.availableParallelism() - 1));
  const verifierFacts = modelOfRole(manifest, "verifier");
  const diffuserFacts = modelOfRole(manifest, "diffuser");
  const models = [verifierFacts, diffuserFacts].map((facts) => ({ facts, graphPath: files.pathOf(facts.graph) }));
  const { device, reason } = await chooseDevice(requested, models);
  let deviceInUse = device;
  const onFallBack = (error: unknown): void => {
    deviceInUse = "cpu";
    process.stderr.write(`${device} failed in a pass, the processor takes over: ${error instanceof Error ? error.message : String(error)}\n`);
  };
  const load = (facts: ManifestModel): Promise<OnnxModel> =>
    OnnxModel.load(facts, files.pathOf(facts.graph), usedThreads, gate, { device, onFallBack });
  const verifierModel = await load(verifierFacts);
  const diffuserModel = await load(diffuserFacts);
  const { tests, multiple } = await runSelfTests(verifierModel, diffuserModel);
  const tokenizer = readTokenizer(files.tokenizerJson);
  let lineBreakIds: readonly number[] | undefined;
  return {
    manifest,
    files,
    tokenizer,
    lineBreakIds: () => (lineBreakIds ??= idsOfLineBreaks(tokenizer, verifierFacts.vocabSize)),
    gate,
    verifier: new OnnxVerifier(verifierModel, { kind: "padded", multiple }),
    plainVerifier: new OnnxVerifier(verifierModel, { kind: "single", multiple }),
    diffuser: new OnnxDiffuser(diffuserModel, manifest.specialIds),
    verifierFacts,
    diffuserFacts,
    deviceInUse: () => deviceInUse,
    report: {
      models: manifest.models.map(loadedModel),
      device,
      deviceReason: reason,
      threads: usedThreads,
      selfTests: tests,
      loadMs: performance.now() - start,
      residentBytes: process.memoryUsage.rss(),
    },
  };
}

async function runSelfTests(verifier: OnnxModel, diffuser: OnnxModel): Promise<{ tests: SelfTest[]; multiple: number }> {
  try {
    const tests = [await testInPlace(verifier), await testInPlace(diffuser)];
    const { multiple, test } = await testInvariance(verifier);
    return { tests: [...tests, test], multiple };
  } catch (cause) {
    const sentence = "The models load, but a first pass over them fails.";
    throw new LacunaError("modelUnusable", sentence, "Reinstall Lacuna, or convert the models again.", cause);
  }
}

function idsOfLineBreaks(tokenizer: Tokenizer, vocabSize: number): number[] {
  return Array.from({ length: vocabSize }, (_, id) => id).filter((id) => tokenizer.decode([id]).includes("\n"));
}

function readTokenizer(json: string): Tokenizer {
  try {
    return createTokenizer(json);
  } catch (cause) {
    throw new LacunaError("modelUnusable", "The tokenizer cannot be read.", "Reinstall Lacuna.", cause);
  }
}

function loadedModel({ name, role, weights, parameters, contextTokens }: ManifestModel): LoadedModel {
  return { name, role, weights, parameters, contextTokens };
}
