import { assert } from "../../base/assert.js";
import { verifierTokens, type Sequence } from "../../decode/sequence.js";
import type { Verifier } from "../../decode/verifier.js";
import type { VerifierEntry } from "../../protocol/manifest.js";
import type { ContextPool } from "./contextPool.js";
import type { KvCache } from "./kvCache.js";
import { padded, type PassRunner } from "./passRunner.js";

/** Tokens of one prefill pass; longer ones gain nothing and delay a cancellation. */
export const PREFILL_CHUNK = 128;

/** So few new tokens are left to the first pass that writes, which they make hardly slower: a key then costs one pass, not two. */
const LEFT_TO_WRITING = 8;

/** How passes are shaped. */
export interface PassShape {
  /**
   * Passes are filled up to a multiple of so many tokens, a power of two, and asked for as many rows. Logits then do not depend on
   * how a sequence was split into passes, which is what makes speculation exact. It changes when a machine is found to need more.
   */
  multiple: number;
}

/** The last token of a sequence, which a reader's canvas begins with, and what lies before it. */
export interface Anchor {
  readonly token: number;
  /** Holds all tokens before the anchor and nothing after them: what is written behind them is the reader's. */
  readonly cache: KvCache;
  /** How many these are, and the anchor's position. */
  readonly past: number;
  /** The last hidden state of the token before; undefined where there is none. */
  readonly last: Float32Array | undefined;
}

/**
 * The autoregressive model in the native runtime, over contexts that keep the longest common prefix of successive sequences.
 *
 * In padded passes, as a rule. `single`: passes over one new token are not padded: the fastest plain decoding, which rounds a
 * little differently.
 */
export class CachedVerifier implements Verifier {
  readonly vocabSize: number;
  readonly ends: ReadonlySet<number>;
  readonly #runner: PassRunner;
  readonly #pool: ContextPool;
  readonly #shape: PassShape;
  readonly #kind: "padded" | "single";
  readonly #forbidden: readonly number[];

  constructor(runner: PassRunner, entry: VerifierEntry, pool: ContextPool, shape: PassShape, kind: "padded" | "single") {
    this.#runner = runner;
    this.#pool = pool;
    this.#shape = shape;
    this.#kind = kind;
    this.#forbidden = entry.forbidden;
    this.vocabSize = entry.vocabSize;
    this.ends = new Set(entry.ends);
  }

  /**
   * Reads `sequence` into its context, in padded passes, so that the next `next` pays for few tokens beside new ones: for the last one,
   * which it has to read in any case, or for all that are not cached where these are few.
   *
   * @param chunk tokens of one pass; what was read stays read where the next one is cancelled
   * @throws Cancelled
   */
  async prefill(sequence: Sequence, chunk = PREFILL_CHUNK): Promise<void> {
    const cache = this.#pool.choose(sequence, true).verifier;
    const tokens = verifierTokens(sequence);
    if (tokens.length - cache.commonPrefix(tokens, true) > LEFT_TO_WRITING) await this.#read(cache, tokens.slice(0, -1), chunk);
  }

  /**
   * The anchor of a sequence, for a reader.
   *
   * @param mayRead whether what is not known may cost a pass
   * @returns undefined where a pass would be needed and none may be run
   * @throws Cancelled
   */
  async anchorOf(sequence: Sequence, mayRead: boolean): Promise<Anchor | undefined> {
    const tokens = verifierTokens(sequence);
    const past = tokens.length - 1;
    const before = tokens.slice(0, past);
    const cache = this.#pool.choose(sequence, true).verifier;
    if (past > 0 && (cache.commonPrefix(before, true) < past || cache.stateAt(past - 1) === undefined)) {
      if (!mayRead) return undefined;
      // Where only its state is missing, the token before the anchor is read once more.
      cache.rewind(Math.min(cache.commonPrefix(before, true), past - 1));
      await this.#read(cache, before);
    }
    cache.rewind(past);
    return { token: tokens[past], cache, past, last: cache.stateAt(past - 1) };
  }

  /** See `Verifier`. @throws Cancelled */
  async next(sequence: Sequence, rows: number): Promise<Float32Array> {
    const tokens = verifierTokens(sequence);
    const { layout, written } = sequence;
    const most = layout.begun.length + written.length + 1;
    assert(rows >= 1 && rows <= Math.min(most, tokens.length), `${rows} rows of a sequence with ${most - 1} written tokens`);
    const cache = this.#pool.choose(sequence, this.#kind === "padded").verifier;
    const logits = await (rows > PREFILL_CHUNK ? this.#rowsInChunks(cache, tokens, rows) : this.#rows(cache, tokens, rows));
    for (let row = 0; row < rows; row += 1) for (const id of this.#forbidden) logits[row * this.vocabSize + id] = -Infinity;
    return logits;
  }

  async #read(cache: KvCache, tokens: readonly number[], most = PREFILL_CHUNK): Promise<void> {
    let start = rewindTo(cache, tokens, tokens.length, true);
    while (start < tokens.length) {
      const chunk = tokens.slice(start, start + most);
      const last = chunk.length - 1;
      await this.#runner.forward(cache, padded(chunk, this.#shape.multiple), start, [last]);
      cache.append(chunk, true);
      this.#keepStates(cache, [start + last]);
      start += chunk.length;
    }
  }

  async #rows(cache: KvCache, sequence: readonly number[], rows: number): Promise<Float32Array> {
    const exact = this.#kind === "padded";
    let start = rewindTo(cache, sequence, sequence.length - rows, exact);
    if (sequence.length - start > PREFILL_CHUNK) {
      await this.#read(cache, sequence.slice(0, sequence.length - rows));
      start = rewindTo(cache, sequence, sequence.length - rows, exact);
    }
    const tokens = sequence.slice(start);
    const isSingle = !exact && tokens.length === 1;
    const { multiple } = this.#shape;
    // The output layer, too, rounds by how many rows it is asked for.
    const wantedRows = isSingle ? rows : rows + (-rows & (multiple - 1));
    const wanted = Array.from({ length: wantedRows }, (_, row) => Math.min(tokens.length - rows + row, tokens.length - 1));
    const logits = await this.#runner.forward(cache, isSingle ? tokens : padded(tokens, multiple), start, wanted);
    cache.append(tokens, !isSingle);
    this.#keepStates(cache, wanted.slice(0, rows).map((row) => start + row)); // prettier-ignore
    return logits.subarray(0, rows * this.vocabSize);
  }

  /** @param positions of the rows of the last pass */
  #keepStates(cache: KvCache, positions: readonly number[]): void {
    positions.forEach((position, row) => {
      const state = this.#runner.hiddenOf(row);
      if (state !== undefined) cache.keepState(position, state);
    });
  }

  /** Passes over more tokens at once round differently. @returns memory of its own */
  async #rowsInChunks(cache: KvCache, tokens: readonly number[], rows: number): Promise<Float32Array> {
    const logits = new Float32Array(rows * this.vocabSize);
    for (let row = 0; row < rows; row += PREFILL_CHUNK) {
      const count = Math.min(PREFILL_CHUNK, rows - row);
      logits.set(await this.#rows(cache, tokens.slice(0, tokens.length - rows + row + count), count), row * this.vocabSize);
    }
    return logits;
  }
}

/** Rewinds to the cached common prefix, at most `limit` tokens of it, and returns its length. */
function rewindTo(cache: KvCache, sequence: readonly number[], limit: number, exact: boolean): number {
  const start = Math.min(cache.commonPrefix(sequence, exact), limit);
  cache.rewind(start);
  return start;
}
