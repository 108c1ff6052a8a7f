import path from "node:path";
import { pathToFileURL } from "node:url";
import type { PeerModel, PeerSetting } from "./peerModel.js";

/** Tokens of one batch: what node-llama-cpp takes by default. */
const BATCH_TOKENS = 512;

/** The parts of node-llama-cpp that are used. Those with an underscore are its own; the version is pinned. */
interface LlamaPackage {
  getLlama(options: object): Promise<{
    readonly llamaCppRelease: { readonly repo: string; readonly release: string };
    readonly buildType: string;
    readonly systemInfo: string;
    loadModel(options: object): Promise<LlamaFile>;
    readonly _bindings: { readonly AddonSampler: new (model: unknown) => LlamaSampler };
  }>;
}

interface LlamaFile {
  createContext(options: object): Promise<{ readonly flashAttention: unknown; readonly contextSize: number; readonly _ctx: LlamaBatches }>;
  readonly _model: unknown;
}

interface LlamaSampler {
  applyConfig(config: { readonly temperature: number }): void;
}

/** llama.cpp's context, without the queue of batches that the package puts before it. */
interface LlamaBatches {
  initBatch(size: number): void;
  addToBatch(sequence: number, past: number, tokens: Uint32Array, rows: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(row: number, sampler: LlamaSampler): Promise<number>;
  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean;
  getThreads(): number;
}

/** A GGUF file in llama.cpp, on the processor, from a prebuilt binary: nothing is compiled or downloaded. All else as by default. */
export async function llamaModel({ model, packageFolder, threads, contextTokens }: PeerSetting): Promise<PeerModel> {
  const entry = path.join(packageFolder, "node_modules", "node-llama-cpp", "dist", "index.js");
  const { getLlama } = (await import(pathToFileURL(entry).href)) as LlamaPackage;
  const options = { gpu: false, build: "never", skipDownload: true, progressLogs: false, maxThreads: threads, logLevel: "error" };
  const llama = await getLlama(options);
  const file = await llama.loadModel({ modelPath: model });
  const context = await file.createContext({ contextSize: contextTokens, batchSize: BATCH_TOKENS, sequences: 1, threads });
  const batches = context._ctx;
  if (batches.getThreads() !== threads) throw new Error(`llama.cpp took ${batches.getThreads()} threads, not ${threads}`);
  const sampler = new llama._bindings.AddonSampler(file._model);
  sampler.applyConfig({ temperature: 0 });
  let lastRow = 0;
  const { llamaCppRelease, buildType, systemInfo } = llama;
  const release = `${llamaCppRelease.repo} ${llamaCppRelease.release}`;
  return {
    about: { release, buildType, systemInfo, flashAttention: context.flashAttention, cacheType: "float16", promptPassTokens: BATCH_TOKENS },
    promptPassTokens: BATCH_TOKENS,
    async pass(tokens, past, rows) {
      batches.removeTokenCellsFromSequence(0, past, -1);
      batches.initBatch(tokens.length);
      const asked = Uint32Array.from({ length: rows }, (_, row) => tokens.length - rows + row);
      lastRow = batches.addToBatch(0, past, Uint32Array.from(tokens), asked)[rows - 1];
      await batches.decodeBatch();
    },
    likeliest: () => batches.sampleToken(lastRow, sampler),
  };
}
