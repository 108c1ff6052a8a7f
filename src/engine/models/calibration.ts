import type { PassCost } from "../../decode/draft/blockSize.js";
import type { SelfTest } from "../../protocol/messages.js";
import { canvasLayout } from "./canvasLayout.js";
import type { PassShape } from "./cachedVerifier.js";
import type { CalibrationStore } from "./calibrationStore.js";
import type { ContextPool } from "./contextPool.js";
import { KvCache } from "./kvCache.js";
import { padded, type PassRunner } from "./passRunner.js";
import { probeTokens } from "./probeTokens.js";
import { invarianceSteps, type Invariance } from "./selfTest.js";

/** Draft lengths of which the fastest is taken; 0 is plain decoding. With the token before them they fill padded passes exactly. */
const DRAFT_LENGTHS = [0, 3, 7, 11, 15, 19, 23, 27, 31];
/** Before anything is measured: what passes cost on the machines that were looked at, in units of the shortest one. */
const TYPICAL_VERIFY = [1, 1, 1.4, 1.8, 2.1, 2.5, 2.8, 3.1, 3.5];
const TYPICAL_DRAFT = [0, 1, 1.2, 1.4, 1.7, 1.9, 2.2, 2.4, 2.7];
const TYPICAL_READER_DRAFT = [0, 0.23, 0.29, 0.33, 0.4, 0.45, 0.5, 0.55, 0.58];
/** Passes are timed after so many tokens; which ones does not matter, and they need not be read. */
const CONTEXT_TOKENS = 256;
/** Of each length the fastest pass counts, because whatever else runs on the machine only ever adds time. */
const REPEATS = 3;
/** Longer drafts are not looked at where one pass takes longer: nobody waits so long for a block. */
const LONGEST_PASS_MS = 400;

const INVARIANCE = "invariance";
const PASS_COSTS = "pass costs";

/** The parts of a loaded model that are measured. */
export interface Measured {
  readonly runner: PassRunner;
}

/** A model that drafts behind the verifier's cache, and times itself. */
export interface TimedDrafter {
  readonly maxSlots: number;
  timeDraft(cache: KvCache, past: number, length: number): Promise<number>;
}

/**
 * What drafting needs to know of this machine: how passes must be padded, and what they cost.
 *
 * It is found out between requests, one pass at a time, so that none waits for it, and remembered. Until then passes are padded as
 * most machines need it, and drafts are as long as is mostly best.
 */
export class Calibration {
  readonly #verifier: PassRunner;
  readonly #diffuser: PassRunner | TimedDrafter | undefined;
  readonly #pool: ContextPool;
  readonly #shape: PassShape;
  readonly #store: CalibrationStore;
  #costs: readonly PassCost[];
  #lookupCosts: readonly PassCost[];
  #readTokensPerMs: number | undefined;
  #steps: AsyncGenerator<void, void> | undefined;

  constructor(verifier: Measured, diffuser: Measured | TimedDrafter | undefined, pool: ContextPool, shape: PassShape, store: CalibrationStore) {
    this.#verifier = verifier.runner;
    this.#diffuser = diffuser === undefined || "timeDraft" in diffuser ? diffuser : diffuser.runner;
    this.#pool = pool;
    this.#shape = shape;
    this.#store = store;
    const invariance = store.get<Invariance>(INVARIANCE);
    if (invariance !== undefined) shape.multiple = invariance.multiple;
    const typical = DRAFT_LENGTHS.map((draftTokens, index) => ({
      draftTokens,
      draftMs: this.#diffuser === undefined ? 0 : "timeDraft" in this.#diffuser ? TYPICAL_READER_DRAFT[index] : TYPICAL_DRAFT[index],
      verifyMs: TYPICAL_VERIFY[index],
    }));
    this.#costs = this.#lookupCosts = [];
    const known = store.get<readonly PassCost[]>(PASS_COSTS);
    if (known !== undefined) this.#learn(known);
    else this.#expect(typical);
    this.#steps = this.isDone ? undefined : this.#measure();
  }

  /** What a draft by the diffuser and its verify cost, in milliseconds once they are measured. */
  get costs(): readonly PassCost[] {
    return this.#costs;
  }

  /** The same where drafts come for nothing. */
  get lookupCosts(): readonly PassCost[] {
    return this.#lookupCosts;
  }

  /**
   * How fast the verifier reads, by the pass of those measured that gives most; undefined until they were. It stays as it was first
   * known for as long as the models are loaded: a prompt that were cut at another place each time would be read anew each time.
   */
  get readTokensPerMs(): number | undefined {
    return this.#readTokensPerMs;
  }

  get isDone(): boolean {
    return this.#store.get(INVARIANCE) !== undefined && this.#store.get(PASS_COSTS) !== undefined;
  }

  /** What was tested; empty until it was. */
  get selfTests(): readonly SelfTest[] {
    const invariance = this.#store.get<Invariance>(INVARIANCE);
    return invariance === undefined ? [] : [invariance.test];
  }

  /** Runs one pass of what is still to be measured. @returns whether more is to be done @throws Cancelled */
  async step(): Promise<boolean> {
    if (this.#steps === undefined) return false;
    try {
      const { done } = await this.#steps.next();
      if (done === true) this.#steps = undefined;
    } catch (error) {
      // Measuring that was broken off begins again with what is not known yet.
      this.#steps = this.#measure();
      throw error;
    }
    return this.#steps !== undefined;
  }

  async *#measure(): AsyncGenerator<void, void> {
    if (this.#store.get(INVARIANCE) === undefined) {
      const invariance = yield* invarianceSteps(this.#verifier);
      if (invariance.multiple !== this.#shape.multiple) {
        this.#shape.multiple = invariance.multiple;
        // What was read in passes of another shape is not exact.
        this.#pool.clear();
      }
      this.#store.put(INVARIANCE, invariance);
    }
    // All verifies before all drafts: where drafts come for nothing, one model runs alone, and its weights stay in the processor's caches.
    const cache = new KvCache(this.#verifier.entry.cache);
    await cache.reserve(CONTEXT_TOKENS);
    const verifyMs = yield* this.#fastest((length) => this.#timed(this.#verifier, cache, length + 1));
    const draftMs = this.#diffuser === undefined ? undefined : yield* this.#fastest(this.#draftTimer(this.#diffuser, cache));
    const known = DRAFT_LENGTHS.slice(0, Math.min(verifyMs.length, draftMs?.length ?? Infinity));
    const costs = known.map((draftTokens, index) => ({
      draftTokens,
      draftMs: draftTokens === 0 ? 0 : (draftMs?.[index] ?? 0),
      verifyMs: verifyMs[index],
    }));
    this.#store.put(PASS_COSTS, costs);
    this.#learn(costs);
  }

  /** Milliseconds of the fastest pass of each length, up to the first that takes too long; at least two of them. */
  async *#fastest(time: (length: number) => Promise<number>): AsyncGenerator<void, number[]> {
    const fastest: number[] = [];
    for (const length of DRAFT_LENGTHS) {
      let least = Infinity;
      for (let repeat = -1; repeat < REPEATS; repeat += 1) {
        const ms = await time(length);
        // The first one warms up.
        if (repeat >= 0) least = Math.min(least, ms);
        yield;
      }
      fastest.push(least);
      if (least > LONGEST_PASS_MS && fastest.length >= 2) break;
    }
    return fastest;
  }

  /** A reader drafts behind the verifier's cache, a diffuser behind its own. */
  #draftTimer(diffuser: PassRunner | TimedDrafter, cache: KvCache): (length: number) => Promise<number> {
    if ("timeDraft" in diffuser) return (length) => diffuser.timeDraft(cache, CONTEXT_TOKENS, Math.max(1, Math.min(length, diffuser.maxSlots)));
    const own = new KvCache(diffuser.entry.cache);
    return (length) => this.#timed(diffuser, own, length + 1);
  }

  async #timed(runner: PassRunner, cache: KvCache, count: number): Promise<number> {
    const tokens = padded(probeTokens(count, runner.entry.vocabSize), this.#shape.multiple);
    const rows = tokens.map((_, row) => row);
    const canvas = { slots: tokens, tail: [] };
    const attention = runner.entry.role === "diffuser" ? canvasLayout(CONTEXT_TOKENS, 0, [canvas], tokens.length) : undefined;
    await cache.reserve(CONTEXT_TOKENS + tokens.length);
    const start = performance.now();
    await runner.forward(cache, tokens, CONTEXT_TOKENS, rows, attention);
    return performance.now() - start;
  }

  /** Takes over what was measured. */
  #learn(costs: readonly PassCost[]): void {
    this.#readTokensPerMs ??= Math.max(...costs.map(({ draftTokens, verifyMs }) => (draftTokens + 1) / verifyMs));
    this.#expect(costs);
  }

  #expect(costs: readonly PassCost[]): void {
    this.#costs = costs;
    this.#lookupCosts = costs.map((cost) => ({ ...cost, draftMs: 0 }));
  }
}
