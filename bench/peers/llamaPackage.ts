import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { LacunaError } from "../../src/protocol/errors.js";

/** The version that is measured: its binaries, and the parts of it that are its own. */
export const LLAMA_PACKAGE = { name: "node-llama-cpp", version: "3.21.1" } as const;

/** The packages with llama.cpp built for the processor alone, by platform and architecture. */
const BINARIES: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "linux-arm": "linux-armv7l",
  "darwin-x64": "mac-x64",
  "darwin-arm64": "mac-arm64-metal",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};

/** What npm is asked to install: the package and the one binary for this machine. @throws LacunaError `benchUnusable` where there is none */
export function packagesFor(platform: string, architecture: string): string[] {
  const binary = BINARIES[`${platform}-${architecture}`];
  if (binary === undefined) {
    throw new LacunaError("benchUnusable", `llama.cpp is not built for ${platform} on ${architecture}.`, "Measure on another machine.");
  }
  const { name, version } = LLAMA_PACKAGE;
  return [`${name}@${version}`, `@${name}/${binary}@${version}`];
}

/**
 * The folder that holds node-llama-cpp, which nothing but this benchmark needs: it is installed there at the first run.
 *
 * No script of any package runs, so nothing is compiled, and no model or source is downloaded.
 *
 * @param cache folder of what can be got again
 * @param say is told before anything is fetched
 */
export async function installedLlama(cache: string, say: (sentence: string) => void): Promise<string> {
  const folder = path.join(cache, "lacuna-bench", `${LLAMA_PACKAGE.name}-${LLAMA_PACKAGE.version}`);
  const packages = packagesFor(process.platform, process.arch);
  const isThere = await Promise.all(packages.map((name) => isInstalled(folder, name.slice(0, name.lastIndexOf("@")))));
  if (isThere.every(Boolean)) return folder;
  say(`Installing ${packages.join(" and ")} into ${folder}, for this benchmark alone.`);
  await mkdir(folder, { recursive: true });
  const flags = ["--no-save", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
  try {
    const options = { cwd: folder, shell: process.platform === "win32" };
    await promisify(execFile)("npm", ["install", "--prefix", ".", ...flags, ...packages], options);
  } catch (cause) {
    throw new LacunaError("packageMissing", `${packages[0]} could not be installed into ${folder}.`, "Is the package registry reachable?", cause);
  }
  return folder;
}

async function isInstalled(folder: string, name: string): Promise<boolean> {
  const file = path.join(folder, "node_modules", name, "package.json");
  if (!existsSync(file)) return false;
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string };
  return version === LLAMA_PACKAGE.version;
}

/** Tokens of one batch: what node-llama-cpp takes by default. */
export const BATCH_TOKENS = 512;

/** The parts of node-llama-cpp that are used. Those with an underscore are its own; the version is pinned. */
interface LlamaPackage {
  getLlama(options: object): Promise<Llama>;
  readonly InputLookupTokenPredictor: LookUp;
}

interface Llama {
  readonly llamaCppRelease: { readonly repo: string; readonly release: string };
  readonly buildType: string;
  readonly systemInfo: string;
  loadModel(options: object): Promise<LlamaFile>;
  readonly _bindings: { readonly AddonSampler: new (model: unknown) => LlamaSampler };
}

/** A loaded GGUF file. */
export interface LlamaFile {
  createContext(options: object): Promise<LlamaContext>;
  isEogToken(token: number): boolean;
  readonly _model: unknown;
}

interface LlamaContext {
  readonly flashAttention: unknown;
  readonly contextSize: number;
  readonly _ctx: LlamaBatches;
  getSequence(options?: { readonly tokenPredictor: LlamaDrafter }): LlamaSequence;
}

/** A text in a context, with the package's own loop. */
export interface LlamaSequence {
  readonly tokenPredictions: { readonly validated: number; readonly refuted: number };
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
  evaluate(tokens: readonly number[], options: { readonly temperature: number; readonly yieldEogToken: boolean }): AsyncIterable<number>;
}

/** Drafts what followed the same tokens before. */
export interface LlamaDrafter {
  updateInputTokens(tokens: readonly number[]): void;
}

export type LookUp = new () => LlamaDrafter;

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

/** Loads a GGUF file by the prebuilt binary, on the processor. */
export async function openLlama(packageFolder: string, gguf: string, threads: number): Promise<{ llama: Llama; file: LlamaFile; lookUp: LookUp }> {
  const entry = path.join(packageFolder, "node_modules", LLAMA_PACKAGE.name, "dist", "index.js");
  const { getLlama, InputLookupTokenPredictor } = (await import(pathToFileURL(entry).href)) as LlamaPackage;
  const options = { gpu: false, build: "never", skipDownload: true, progressLogs: false, maxThreads: threads, logLevel: "error" };
  const llama = await getLlama(options);
  return { llama, file: await llama.loadModel({ modelPath: gguf }), lookUp: InputLookupTokenPredictor };
}
