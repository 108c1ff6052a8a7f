import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseManifest, verifierOf, type VerifierEntry } from "../../protocol/manifest.js";
import { PassGate } from "../passGate.js";
import { Program } from "../runtime/program.js";
import { reasonOf, tryDevice, TRIAL_DEPTHS, TRIAL_WIDTHS, type DeviceRecord, type TrialSubject } from "./deviceTrial.js";
import type { Accelerator } from "./device.js";
import { KvCache } from "./kvCache.js";
import { padded, PassRunner } from "./passRunner.js";
import { onProcessor, placeOn, type Placement } from "./placement.js";

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

/** Tries a device with the real model on the real runtime. Does not throw for what the device does. @param at see `tryDevice` */
export async function tryModel(request: TrialRequest, at: (what: string) => void): Promise<DeviceRecord> {
  const { modelsDir, threads, device, givesUp, budgetMs } = request;
  const entry = verifierOf(parseManifest(await readFile(path.join(modelsDir, "manifest.json"), "utf8")));
  const graphPath = path.join(modelsDir, entry.graph.path);
  let placement: Placement;
  try {
    at("loading the model");
    placement = await placeOn(device, graphPath, threads);
  } catch (error) {
    return { verdict: "unavailable", detail: reasonOf(error instanceof Error && error.cause !== undefined ? error.cause : error) };
  }
  const subjects = {
    unrounded: subjectOf(entry, onProcessor(await Program.createUnrounded(graphPath, threads))),
    processor: subjectOf(entry, onProcessor(await Program.create(graphPath, threads, "cpu"))),
    device: subjectOf(entry, placement),
  };
  const depths = TRIAL_DEPTHS.filter((depth) => depth + Math.max(...TRIAL_WIDTHS) + LEFT_FREE <= entry.contextTokens);
  return tryDevice(subjects, { vocabSize: entry.vocabSize, depths, givesUp, budgetMs }, () => performance.now(), at);
}

function subjectOf(entry: VerifierEntry, placement: Placement): TrialSubject {
  const runner = new PassRunner(entry, placement, new PassGate());
  const cache = new KvCache(entry.cache);
  const look = async (tokens: readonly number[]): Promise<Float32Array> => {
    const input = tokens.length === 1 ? tokens : padded(tokens, PAD_MULTIPLE);
    return runner.forward(cache, input, cache.length, [...tokens.keys()]);
  };
  const read = async (tokens: readonly number[]): Promise<Float32Array> => {
    const logits = await runner.forward(cache, padded(tokens, PAD_MULTIPLE), cache.length, [...tokens.keys()]);
    cache.append(tokens, true);
    return logits;
  };
  return { look, read };
}
