import type { CompleteResult } from "../protocol/messages.js";
import { median, nearestRank } from "../base/median.js";
import { speedup, type TimedPrompt } from "./speedup.js";

/** Pairs and completions that are kept. */
const KEPT = 200;
/** Fewer pairs than this say nothing about a machine. */
export const LEAST_PAIRS = 5;
const LARGEST_BLOCK = 16;

/** What was measured; undefined where too little was. */
export interface Speeds {
  readonly pairs: number;
  /** As `measure/speedup` defines it. */
  readonly speedup: number | undefined;
  /** While writing, one token a pass. */
  readonly arTokensPerSecond: number | undefined;
  /** While writing, with drafts. */
  readonly deerTokensPerSecond: number | undefined;
  readonly completions: number;
  readonly firstTextMs: { readonly p50: number; readonly p90: number } | undefined;
  /** Over completions and the drafted runs of pairs. */
  readonly tokensPerVerify: number | undefined;
  /** How many verifies gave 1, 2, 3 ... tokens. */
  readonly blockCounts: readonly number[];
}

/** What completions on this machine took, since the extension was started. */
export class SpeedRecord {
  #pairs: readonly TimedPrompt[] = [];
  #firstTextMs: readonly number[] = [];
  #blocks: readonly number[] = [];
  #completions = 0;

  /** @param firstTextMs from the request to its first text; undefined when it gave none */
  addCompletion({ blocks }: Pick<CompleteResult, "blocks">, firstTextMs: number | undefined): void {
    this.#completions += 1;
    if (firstTextMs !== undefined) this.#firstTextMs = [...this.#firstTextMs, firstTextMs].slice(-KEPT);
    this.#addBlocks(blocks);
  }

  /** A prompt that was decoded twice; it says nothing where either wrote nothing. @param blocks of the run with drafts */
  addPair(pair: TimedPrompt, blocks: readonly number[]): void {
    if (speedup([pair]) === undefined) return;
    this.#pairs = [...this.#pairs, pair].slice(-KEPT);
    this.#addBlocks(blocks);
  }

  #addBlocks(blocks: readonly number[]): void {
    this.#blocks = [...this.#blocks, ...blocks.filter((size) => size > 0)].slice(-10 * KEPT);
  }

  get speeds(): Speeds {
    const pairs = this.#pairs;
    const isEnough = pairs.length >= LEAST_PAIRS;
    const times = this.#firstTextMs;
    const blockCounts = Array.from({ length: Math.min(LARGEST_BLOCK, Math.max(0, ...this.#blocks)) }, () => 0);
    for (const size of this.#blocks) blockCounts[Math.min(size, LARGEST_BLOCK) - 1] += 1;
    const tokens = this.#blocks.reduce((sum, size) => sum + size, 0);
    return {
      pairs: pairs.length,
      speedup: isEnough ? speedup(pairs) : undefined,
      arTokensPerSecond: isEnough ? median(pairs.map(({ plain }) => median(plain))) : undefined,
      deerTokensPerSecond: isEnough ? median(pairs.map(({ drafted }) => median(drafted))) : undefined,
      completions: this.#completions,
      firstTextMs: times.length === 0 ? undefined : { p50: median(times), p90: nearestRank(times, 0.9) },
      tokensPerVerify: this.#blocks.length === 0 ? undefined : tokens / this.#blocks.length,
      blockCounts,
    };
  }
}
