import { readFile } from "node:fs/promises";
import os from "node:os";
import { LacunaError } from "../../protocol/errors.js";
import { diffuserOf, readerOf, verifierOf, type DecoderEntry, type VerifierEntry } from "../../protocol/manifest.js";
import type { Abilities, InfillMethod, LoadedModel, LoadParams, LoadResult } from "../../protocol/messages.js";
import { fenceTokens } from "../../text/fenceTokens.js";
import { PromptFormat } from "../../text/promptFormat.js";
import { TextBeginnings } from "../../text/textBeginnings.js";
import { TokenClass } from "../../text/tokenClass.js";
import { createTokenizer, type Tokenizer } from "../../text/tokenizer.js";
import { PassGate } from "../passGate.js";
import { CachedVerifier, type PassShape } from "./cachedVerifier.js";
import { Calibration } from "./calibration.js";
import { CalibrationStore } from "./calibrationStore.js";
import { ContextPool } from "./contextPool.js";
import { KvCache } from "./kvCache.js";
import { loadedDiffuser, loadedReader, type LoadedDiffuser } from "./loadedDiffuser.js";
import { openModelFiles, type ModelFiles } from "./modelFiles.js";
import { PassRunner } from "./passRunner.js";
import { placeOn } from "./placement.js";
import { ReaderRunner, type placeCanvas } from "./readerRunner.js";
import { testInPlace } from "./selfTest.js";
import { SequentialHead } from "./sequentialHead.js";
import { VerifierDevices } from "./verifierDevices.js";

const MAX_THREADS = 4;
/** Memory for what the models remember of documents: at least two places of the bundled model and of one of 1.5 billion parameters. */
const CONTEXT_BYTES = 160 * 2 ** 20;

/** The autoregressive model, ready to run. */
export interface LoadedVerifier {
  readonly entry: VerifierEntry;
  readonly runner: PassRunner;
  /** Padded passes: exact. */
  readonly exact: CachedVerifier;
  /** One-token passes over the same weights and contexts: the plain baseline. */
  readonly plain: CachedVerifier;
  readonly format: PromptFormat;
  readonly tokenizer: Tokenizer;
  /** Tokens that hold a line feed. */
  readonly lineBreaks: TokenClass;
  /** How texts can begin that must begin with other text. */
  readonly beginnings: TextBeginnings;
  /** Tokens that blanks to be filled are made of: underscores. */
  readonly blanks: TokenClass;
  /** Tokens that fence code off. */
  readonly fences: ReadonlySet<number>;
}

/** What is loaded: a verifier, and the diffuser or reader that belongs to it where there is one. */
export interface Pair {
  readonly files: ModelFiles;
  readonly gate: PassGate;
  readonly verifier: LoadedVerifier;
  readonly diffuser: LoadedDiffuser | undefined;
  readonly contexts: ContextPool;
  readonly calibration: Calibration;
  readonly devices: VerifierDevices;
  /** As it stands now: a verifier may have lost its device. */
  readonly report: LoadResult;
}

/** How models are loaded; the defaults are those of the product. */
export interface LoadHow {
  /** Called when the verifier has lost its device, and runs on the processor. */
  readonly onDeviceLost?: () => void;
  /** See `VerifierDevices`. */
  readonly place?: typeof placeOn;
  /** See `ReaderRunner`. */
  readonly placeCanvas?: typeof placeCanvas;
}

/**
 * Opens a models folder, loads what is in it and runs one pass of each model.
 *
 * @throws LacunaError for anything missing, changed or unusable
 */
export async function loadPair({ modelsDir, threads, device = "auto", stateDir }: LoadParams, how: LoadHow = {}): Promise<Pair> {
  const start = performance.now();
  const files = await openModelFiles(modelsDir);
  const gate = new PassGate();
  const usedThreads = threads > 0 ? threads : Math.max(1, Math.min(MAX_THREADS, os.availableParallelism() - 1));
  const verifierEntry = verifierOf(files.manifest);
  const diffuserEntry = diffuserOf(files.manifest);
  const devices = await VerifierDevices.open(modelsDir, files, usedThreads, stateDir, how.place);
  let lost: string | undefined;
  const { runner: verifierRunner, reason, takesReader } = await devices.load(device, gate, (why) => {
    lost = why;
    how.onDeviceLost?.();
  });
  const store = CalibrationStore.open(stateDir, files.manifest, usedThreads, verifierRunner.device);
  const load = async (entry: DecoderEntry): Promise<PassRunner> =>
    new PassRunner(entry, await placeOn("cpu", files.pathOf(entry.graph), usedThreads), gate);
  const runners = { verifier: verifierRunner, diffuser: diffuserEntry === undefined ? undefined : await load(diffuserEntry) };
  // A reader reads the verifier's cache where it lies.
  const readerEntry = takesReader ? readerOf(files.manifest) : undefined;
  const { headDim } = verifierEntry.cache;
  const reader =
    readerEntry === undefined
      ? undefined
      : await ReaderRunner.load(readerEntry, files.pathOf, runners.verifier, headDim, gate, usedThreads, how.placeCanvas);
  if (reader !== undefined) runners.verifier.wantHidden(reader.entry.hiddenSize);
  const selfTests = await firstPasses(Object.values(runners).filter((runner) => runner !== undefined));

  const pool = new ContextPool(verifierEntry.cache, diffuserEntry?.cache, CONTEXT_BYTES);
  const shape: PassShape = { multiple: 4 };
  const tokenizer = readTokenizer(files.tokenizerJson);
  const verifier: LoadedVerifier = {
    entry: verifierEntry,
    runner: runners.verifier,
    exact: new CachedVerifier(runners.verifier, verifierEntry, pool, shape, "padded"),
    plain: new CachedVerifier(runners.verifier, verifierEntry, pool, shape, "single"),
    format: new PromptFormat(verifierEntry.prompt, tokenizer),
    tokenizer,
    lineBreaks: new TokenClass(tokenizer, verifierEntry.vocabSize, (text) => text.includes("\n")),
    beginnings: new TextBeginnings(tokenizer, verifierEntry.vocabSize),
    blanks: new TokenClass(tokenizer, verifierEntry.vocabSize, (text) => /^\s*_+$/.test(text)),
    fences: fenceTokens(tokenizer),
  };
  const loadReader = async (runner: ReaderRunner): Promise<LoadedDiffuser> => {
    runner.inPlace = selfTests[0].ok;
    const bytes = new Uint8Array(await readFile(files.pathOf(runner.entry.sequentialData)));
    const loaded = loadedReader(runner, verifierEntry, verifier.exact, new SequentialHead(bytes.buffer, runner.entry));
    await usable(loaded.timed.timeDraft(new KvCache(verifierEntry.cache), 0, 1));
    return loaded;
  };
  const diffuser =
    reader !== undefined
      ? await loadReader(reader)
      : diffuserEntry === undefined || runners.diffuser === undefined
        ? undefined
        : loadedDiffuser(runners.diffuser, diffuserEntry, pool);
  const calibration = new Calibration(verifier, diffuser?.timed, pool, shape, store);
  const describe = ({ entry, device: where }: PassRunner | ReaderRunner, deviceReason: string): LoadedModel => {
    const { name, role, weights, parameters } = entry;
    const { contextTokens } = entry.role === "reader" ? verifierEntry : entry;
    const { suggestionBars, usesDefinitions } = entry.role === "verifier" ? entry : {};
    return { name, role, weights, parameters, contextTokens, suggestionBars, usesDefinitions, device: where, deviceReason };
  };
  const models = (): LoadedModel[] => [
    describe(runners.verifier, lost ?? reason),
    ...(runners.diffuser === undefined ? [] : [describe(runners.diffuser, "its attention looks both ways, which accelerators refuse")]),
    ...(reader === undefined ? [] : [describe(reader, "the verifier's cache lies there")]),
  ];
  const found = {
    can: abilitiesOf(diffuser),
    threads: usedThreads,
    selfTests,
    loadMs: performance.now() - start,
    residentBytes: process.memoryUsage.rss(),
  };
  return {
    ...{ files, gate, verifier, diffuser, contexts: pool, calibration, devices },
    get report() {
      return { models: models(), ...found };
    },
  };
}

function abilitiesOf(diffuser: LoadedDiffuser | undefined): Abilities {
  if (diffuser === undefined) return { infill: ["auto", "ar"], diffusionDrafts: false };
  const { canvas, lengthBias } = diffuser.entry;
  if (!diffuser.fillsHoles) return { infill: ["auto", "ar"], diffusionDrafts: true };
  const methods: InfillMethod[] = ["auto", "ar", "lr", "block", "fixed"];
  if (lengthBias !== undefined) methods.push("cal");
  if (!diffuser.readsPrompt || (canvas.expand !== undefined && canvas.flexible !== undefined)) methods.push("dreamon");
  return { infill: methods, diffusionDrafts: true };
}

async function firstPasses(runners: readonly PassRunner[]): Promise<LoadResult["selfTests"]> {
  const tests: LoadResult["selfTests"][number][] = [];
  for (const runner of runners) tests.push(await usable(testInPlace(runner)));
  return tests;
}

/** What a first pass comes to. @throws LacunaError `modelUnusable` */
async function usable<T>(pass: Promise<T>): Promise<T> {
  try {
    return await pass;
  } catch (cause) {
    const sentence = "The models load, but a first pass over them fails.";
    throw new LacunaError("modelUnusable", sentence, "Reinstall Lacuna, or convert the models again.", cause);
  }
}

function readTokenizer(json: string): Tokenizer {
  try {
    return createTokenizer(json);
  } catch (cause) {
    throw new LacunaError("modelUnusable", "The tokenizer cannot be read.", "Convert the model again with `lacuna import`.", cause);
  }
}
