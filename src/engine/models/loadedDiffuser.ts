import type { Random } from "../../base/random.js";
import type { Diffuser } from "../../decode/diffuser.js";
import type { PassCost } from "../../decode/draft/blockSize.js";
import { DiffusionDrafter, type Drafter } from "../../decode/draft/draft.js";
import { SureDrafter } from "../../decode/draft/sureDraft.js";
import type { SamplingRule } from "../../decode/sample.js";
import type { Sequence } from "../../decode/sequence.js";
import type { DiffuserEntry, VerifierEntry } from "../../protocol/manifest.js";
import type { Device } from "../../protocol/messages.js";
import { CachedDiffuser } from "./cachedDiffuser.js";
import { AutoregressiveReader } from "./autoregressiveReader.js";
import { CachedReader } from "./cachedReader.js";
import type { CachedVerifier } from "./cachedVerifier.js";
import type { Measured, TimedDrafter } from "./calibration.js";
import type { ContextPool } from "./contextPool.js";
import type { PassRunner } from "./passRunner.js";
import type { ReaderRunner } from "./readerRunner.js";
import type { SequentialHead } from "./sequentialHead.js";

/** What fills holes beside the verifier and drafts for it, ready to run: a diffuser with a context of its own, or a reader. */
export interface LoadedDiffuser {
  readonly entry: Pick<DiffuserEntry, "name" | "contextTokens" | "suffixHeadTokens" | "canvas" | "lengthBias">;
  readonly runner: { readonly device: Device };
  readonly model: Diffuser & { prefill(sequence: Sequence): Promise<void> };
  /** What calibration times. */
  readonly timed: Measured | TimedDrafter;
  /** Whether it fills canvases; if not, it drafts alone. */
  readonly fillsHoles: boolean;
  /** Whether it reads a prompt itself before it drafts. */
  readonly readsPrompt: boolean;
  /** @param costsNow see `Calibration.costs`; undefined where drafts are as long as was asked for, whatever they cost */
  drafter(rule: SamplingRule, random: Random, costsNow: (() => readonly PassCost[]) | undefined): Drafter;
}

/** A diffuser with a context of its own. */
export function loadedDiffuser(runner: PassRunner, entry: DiffuserEntry, pool: ContextPool): LoadedDiffuser {
  const model = new CachedDiffuser(runner, entry, pool);
  const drafter: LoadedDiffuser["drafter"] = (rule, random) => new DiffusionDrafter(model, entry.canvas.end, rule, random);
  return { entry, runner, model, timed: { runner }, fillsHoles: true, readsPrompt: true, drafter };
}

/** A reader of the cache of `verifier`. */
export function loadedReader(
  runner: ReaderRunner,
  { contextTokens, ends: [end] }: VerifierEntry,
  verifier: CachedVerifier,
  head: SequentialHead,
): LoadedDiffuser & { readonly timed: TimedDrafter } {
  const { name, lengthBias, isAutoregressive = false } = runner.entry;
  const model = new CachedReader(runner, verifier, head);
  const timed = isAutoregressive ? new AutoregressiveReader(runner, verifier, head) : model;
  const canvas = { mask: model.maskId, goesOn: model.sepId, meets: model.sepId, end };
  const entry = { name, contextTokens, suffixHeadTokens: 0, canvas, ...(lengthBias === undefined ? {} : { lengthBias }) };
  // What a seed leads to must not depend on what happens to be known.
  const drafter: LoadedDiffuser["drafter"] = (rule, random, costsNow) =>
    new SureDrafter(timed, { rule, random, mayRead: rule.temperature > 0 }, costsNow);
  return { entry, runner, model, timed, fillsHoles: !isAutoregressive, readsPrompt: false, drafter };
}
