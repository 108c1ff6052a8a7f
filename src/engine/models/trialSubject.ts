import { readFile } from "node:fs/promises";
import path from "node:path";
import { readerOf, verifierOf, type ReaderEntry, type VerifierEntry } from "../../protocol/manifest.js";
import { parseManifest } from "../../protocol/parseManifest.js";
import { PassGate } from "../passGate.js";
import { Program } from "../runtime/program.js";
import { reasonOf, tryDevice, TRIAL_DEPTHS, TRIAL_WIDTHS, type DeviceRecord, type TrialSubject } from "./deviceTrial.js";
import type { Accelerator } from "./device.js";
import { HOST } from "./cacheMemory.js";
import { canvasLayout } from "./canvasLayout.js";
import { KvCache } from "./kvCache.js";
import { padded, PassRunner } from "./passRunner.js";
import { onProcessor, placeOn, type Placement } from "./placement.js";
import { ReaderRunner } from "./readerRunner.js";
import { tryReader, type CanvasScores, type ReaderSubject } from "./readerTrial.js";

const PAD_MULTIPLE = 4;
/** Behind the deepest passes a text is written. */
const LEFT_FREE = 64;

/** What a trial needs to know; it is sent to the process that makes it. */
export interface TrialRequest {
  /** A models folder whose files were checked. */
  readonly modelsDir: string;
  readonly threads: number;
  readonly device: Accelerator;
  /** See `TrialPlan`. */
  readonly givesUp: boolean;
  readonly budgetMs: number;
}

/**
 * Tries a device with the real models on the real runtime. Does not throw for what the device does.
 *
 * @param at see `tryDevice`
 * @param soFar told what the verifier came to, before its reader is tried, which may end the process
 */
export async function tryModel(
  request: TrialRequest,
  at: (what: string) => void,
  soFar: (record: DeviceRecord) => void,
): Promise<DeviceRecord> {
  const { modelsDir, threads, device, givesUp, budgetMs } = request;
  const manifest = parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8"));
  const entry = verifierOf(manifest);
  const start = performance.now();
  const graphPath = path.join(modelsDir, entry.graph.path);
  let placement: Placement;
  try {
    at("loading the model");
    placement = await placeOn(device, graphPath, threads);
  } catch (error) {
    return { verdict: "unavailable", detail: reasonOf(error instanceof Error && error.cause !== undefined ? error.cause : error) };
  }
  const subjects = {
    unrounded: new Subject(entry, onProcessor(await Program.createUnrounded(graphPath, threads))),
    processor: new Subject(entry, onProcessor(await Program.create(graphPath, threads, "cpu"))),
    device: new Subject(entry, placement),
  };
  const readerEntry = readerOf(manifest);
  if (readerEntry !== undefined) for (const subject of Object.values(subjects)) subject.keepHidden(readerEntry.hiddenSize);
  const depths = TRIAL_DEPTHS.filter((depth) => depth + Math.max(...TRIAL_WIDTHS) + LEFT_FREE <= entry.contextTokens);
  const record = await tryDevice(subjects, { vocabSize: entry.vocabSize, depths, givesUp, budgetMs }, () => performance.now(), at);
  // A reader of caches in the processor's memory runs there.
  if (readerEntry === undefined || record.verdict !== "right" || placement.place === HOST) return record;
  soFar(record);
  const readerPath = path.join(modelsDir, readerEntry.graph.path);
  at("loading the reader");
  const onDevice = await Program.createCanvas(readerPath, entry.cache.headDim, threads, device).catch(() => undefined);
  const readers = {
    unrounded: subjects.unrounded.reader(readerEntry, await Program.createUnrounded(readerPath, threads)),
    processor: subjects.processor.reader(readerEntry, await Program.create(readerPath, threads, "cpu")),
    device: onDevice && subjects.device.reader(readerEntry, onDevice),
  };
  const read = [1, ...depths.slice(1)].filter((depth) => depth <= subjects.device.length);
  return { ...record, reader: await tryReader(readers, read, at, () => performance.now() - start < budgetMs) };
}

/** A verifier at one place, what it has read there, and its reader. */
class Subject implements TrialSubject {
  readonly #placement: Placement;
  readonly #runner: PassRunner;
  readonly #cache: KvCache;
  #last: Float32Array | undefined;

  constructor(entry: VerifierEntry, placement: Placement) {
    this.#placement = placement;
    this.#runner = new PassRunner(entry, placement, new PassGate());
    this.#cache = new KvCache(entry.cache);
  }

  /** Tokens that were read. */
  get length(): number {
    return this.#cache.length;
  }

  keepHidden(size: number): void {
    this.#runner.wantHidden(size);
  }

  async look(tokens: readonly number[]): Promise<Float32Array> {
    const input = tokens.length === 1 ? tokens : padded(tokens, PAD_MULTIPLE);
    return this.#runner.forward(this.#cache, input, this.#cache.length, [...tokens.keys()]);
  }

  async read(tokens: readonly number[]): Promise<Float32Array> {
    const logits = await this.#runner.forward(this.#cache, padded(tokens, PAD_MULTIPLE), this.#cache.length, [...tokens.keys()]);
    this.#cache.append(tokens, true);
    this.#last = this.#runner.hiddenOf(tokens.length - 1)?.slice();
    return logits;
  }

  /** @param canvases the reader's graph for the place of this verifier */
  reader(entry: ReaderEntry, canvases: Program): ReaderSubject {
    const onDevice = this.#placement.place === HOST ? undefined : canvases;
    const runner = new ReaderRunner(entry, { onDevice, onProcessor: () => Promise.resolve(canvases) }, canvases, this.#runner, new PassGate());
    const scores = async (role: "draft" | "infill", past: number, slots: number, count: number): Promise<CanvasScores> => {
      const contents = Array.from({ length: count }, (_, canvas) => [1 + canvas, ...new Array<number>(slots - 1).fill(-1)]);
      const tokens = contents.flat();
      const places = contents.flatMap((content) => [...content.keys()]);
      const layout = canvasLayout(past, 0, contents.map((content) => ({ slots: content, tail: [] })), tokens.length); // prettier-ignore
      const rows = [...tokens.keys()];
      const { logits, certainty } = await runner.forward(this.#cache, past, { ...layout, tokens, slots: places, role, last: this.#last, rows });
      return { logits: logits.slice(), certainty: certainty.slice() };
    };
    return {
      classes: runner.classes,
      draft: (past, slots) => scores("draft", past, slots, 1),
      infill: (past, slots) => scores("infill", past, slots, 2),
    };
  }
}
