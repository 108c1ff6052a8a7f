import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseManifest, readerOf, verifierOf, type ReaderEntry, type VerifierEntry } from "../../protocol/manifest.js";
import { PassGate } from "../passGate.js";
import { Program } from "../runtime/program.js";
import { reasonOf, tryDevice, TRIAL_DEPTHS, TRIAL_WIDTHS, type DeviceRecord, type TrialSubject } from "./deviceTrial.js";
import type { Accelerator } from "./device.js";
import { canvasLayout } from "./canvasLayout.js";
import { KvCache } from "./kvCache.js";
import { padded, PassRunner } from "./passRunner.js";
import { onProcessor, placeOn, type Placement } from "./placement.js";
import { ReaderRunner } from "./readerRunner.js";

const PAD_MULTIPLE = 4;
const DRAFT_SLOTS = 8;
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

/** Tries a device with the real model on the real runtime. Does not throw for what the device does. @param at see `tryDevice` */
export async function tryModel(request: TrialRequest, at: (what: string) => void): Promise<DeviceRecord> {
  const { modelsDir, threads, device, givesUp, budgetMs } = request;
  const manifest = parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8"));
  const entry = verifierOf(manifest);
  const graphPath = path.join(modelsDir, entry.graph.path);
  let placement: Placement;
  try {
    at("loading the model");
    placement = await placeOn(device, graphPath, threads);
  } catch (error) {
    return { verdict: "unavailable", detail: reasonOf(error instanceof Error && error.cause !== undefined ? error.cause : error) };
  }
  const readerEntry = readerOf(manifest);
  const readerPath = readerEntry && path.join(modelsDir, readerEntry.graph.path);
  const readerOn = async (program: (graph: string) => Promise<Program>): Promise<TrialReader | undefined> => {
    if (readerEntry === undefined || readerPath === undefined) return undefined;
    return { entry: readerEntry, program: await program(readerPath) };
  };
  const onDevice = await readerOn((graph) => Program.createCanvas(graph, entry.cache.headDim, threads, device)).catch(() => undefined);
  const subjects = {
    unrounded: subjectOf(
      entry,
      onProcessor(await Program.createUnrounded(graphPath, threads)),
      await readerOn((graph) => Program.createUnrounded(graph, threads)),
    ),
    processor: subjectOf(
      entry,
      onProcessor(await Program.create(graphPath, threads, "cpu")),
      await readerOn((graph) => Program.create(graph, threads, "cpu")),
    ),
    device: subjectOf(entry, placement, onDevice),
  };
  const depths = TRIAL_DEPTHS.filter((depth) => depth + Math.max(...TRIAL_WIDTHS) + LEFT_FREE <= entry.contextTokens);
  return tryDevice(subjects, { vocabSize: entry.vocabSize, depths, givesUp, budgetMs }, () => performance.now(), at);
}

/** A reader with the graph of its canvases. */
interface TrialReader {
  readonly entry: ReaderEntry;
  readonly program: Program;
}

function subjectOf(entry: VerifierEntry, placement: Placement, reader: TrialReader | undefined): TrialSubject {
  const runner = new PassRunner(entry, placement, new PassGate());
  const cache = new KvCache(entry.cache);
  let last: Float32Array | undefined;
  if (reader !== undefined) runner.wantHidden(reader.entry.hiddenSize);
  const look = async (tokens: readonly number[]): Promise<Float32Array> => {
    const input = tokens.length === 1 ? tokens : padded(tokens, PAD_MULTIPLE);
    return runner.forward(cache, input, cache.length, [...tokens.keys()]);
  };
  const read = async (tokens: readonly number[]): Promise<Float32Array> => {
    const logits = await runner.forward(cache, padded(tokens, PAD_MULTIPLE), cache.length, [...tokens.keys()]);
    cache.append(tokens, true);
    last = runner.hiddenOf(tokens.length - 1)?.slice();
    return logits;
  };
  return { look, read, draft: reader === undefined ? undefined : drafting(reader, runner, cache, () => last) };
}

/** A draft of undecided slots behind an anchor, as the engine runs it. */
function drafting(
  { entry, program }: TrialReader,
  owner: PassRunner,
  cache: KvCache,
  last: () => Float32Array | undefined,
): NonNullable<TrialSubject["draft"]> {
  const canvases = { onDevice: owner.device === "cpu" ? undefined : program, onProcessor: () => Promise.resolve(program) };
  const runner = new ReaderRunner(entry, canvases, program, owner, new PassGate());
  const tokens = [1, ...new Array<number>(DRAFT_SLOTS - 1).fill(-1)];
  const slots = [...tokens.keys()];
  return async () => {
    const layout = canvasLayout(cache.length, 0, [{ slots: tokens, tail: [] }], tokens.length);
    const { logits } = await runner.forward(cache, cache.length, { ...layout, tokens, slots, role: "draft", last: last(), rows: slots });
    return { logits, classes: runner.classes };
  };
}
