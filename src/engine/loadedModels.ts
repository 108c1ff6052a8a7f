import os from "node:os";
import { LacunaError } from "../protocol/errors.js";
import type { Manifest, ManifestModel } from "../protocol/manifest.js";
import type { LoadedModel, LoadParams, LoadResult, SelfTest } from "../protocol/messages.js";
import { createTokenizer, type Tokenizer } from "../text/tokenizer.js";
import { modelOfRole, openModelFiles, type ModelFiles } from "./modelFiles.js";
import { OnnxDiffuser } from "./onnxDiffuser.js";
import { OnnxModel } from "./onnxModel.js";
import { OnnxVerifier } from "./onnxVerifier.js";
import { PassGate } from "./passGate.js";
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
  readonly verifierFacts: ManifestModel;
  readonly diffuserFacts: ManifestModel;
  readonly report: LoadResult;
}

/**
 * Opens a models folder, loads both graphs and runs the start-up self-tests.
 *
 * @throws LacunaError for anything missing, changed or unusable
 */
export async function loadModels({ modelsDir, threads }: LoadParams): Promise<LoadedModels> {
  const start = performance.now();
  const files = await openModelFiles(modelsDir);
  const { manifest } = files;
  const gate = new PassGate();
  const usedThreads = threads > 0 ? threads : Math.max(1, Math.min(MAX_THREADS, os.availableParallelism() - 1));
  const load = (facts: ManifestModel): Promise<OnnxModel> => OnnxModel.load(facts, files.pathOf(facts.graph), usedThreads, gate);
  const verifierFacts = modelOfRole(manifest, "verifier");
  const diffuserFacts = modelOfRole(manifest, "diffuser");
  const verifierModel = await load(verifierFacts);
  const diffuserModel = await load(diffuserFacts);
  const { tests, multiple } = await runSelfTests(verifierModel, diffuserModel);
  return {
    manifest,
    files,
    tokenizer: readTokenizer(files.tokenizerJson),
    gate,
    verifier: new OnnxVerifier(verifierModel, { kind: "padded", multiple }),
    plainVerifier: new OnnxVerifier(verifierModel, { kind: "single", multiple }),
    diffuser: new OnnxDiffuser(diffuserModel, manifest.specialIds),
    verifierFacts,
    diffuserFacts,
    report: {
      models: manifest.models.map(loadedModel),
      device: "cpu",
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
