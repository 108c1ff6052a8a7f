import { assert } from "../../base/assert.js";
import type { DecoderEntry } from "../../protocol/manifest.js";
import type { Device } from "../../protocol/messages.js";
import type { PassGate } from "../passGate.js";
import { bufferOf, type Buffer } from "../runtime/program.js";
import { HOST } from "./cacheMemory.js";
import type { KvCache } from "./kvCache.js";
import { onProcessor, type GraphProgram, type Placement } from "./placement.js";

/** What a diffuser pass needs besides tokens. */
export interface AttentionInputs {
  /** [m] */
  readonly positions: BigInt64Array;
  /** [m, past + m], added to the attention scores */
  readonly bias: Float32Array;
}

/** What a pass gives for its rows: logits [rows, vocabSize], and the last hidden states [rows, hiddenSize] where they are asked for. */
interface RowMemory {
  readonly logits: Float32Array;
  readonly hidden: Float32Array | undefined;
}

/** What takes over when a device fails. */
export interface FallBack {
  readonly create: () => Promise<GraphProgram>;
  /** Called before it takes over, with what the device said. */
  readonly tell: (error: unknown) => void;
  /** Called when it has taken over. */
  readonly tookOver?: () => void;
}

/** Tokens of one pass that reads again what a lost device held: a multiple of what any machine pads to. */
const READ_AGAIN_CHUNK = 128;
const READ_AGAIN_MULTIPLE = 32;

/** One graph and its output buffer: the mechanics of a forward pass. */
export class PassRunner {
  readonly entry: DecoderEntry;
  readonly #gate: PassGate;
  #placement: Placement;
  #fallBack: FallBack | undefined;
  #logits = new Float32Array(0);
  #hidden: { readonly size: number; data: Float32Array } | undefined;

  /** @param fallBack undefined where nothing is left to fall back on */
  constructor(entry: DecoderEntry, placement: Placement, gate: PassGate, fallBack?: FallBack) {
    this.entry = entry;
    this.#placement = placement;
    this.#gate = gate;
    this.#fallBack = fallBack;
  }

  /** Where the next pass runs. */
  get device(): Device {
    return this.#placement.device;
  }

  /** Where its caches lie: on its device, or in the processor's memory. */
  get cacheDevice(): Device {
    return this.#placement.place === HOST ? "cpu" : this.device;
  }

  /** From now on asks a verifier for its last hidden states, of `size` numbers each, too. */
  wantHidden(size: number): void {
    this.#hidden = { size, data: new Float32Array(0) };
  }

  /** That of the row-th row of the last pass, valid until the next; undefined where they are not asked for. */
  hiddenOf(row: number): Float32Array | undefined {
    return this.#hidden?.data.subarray(row * this.#hidden.size, (row + 1) * this.#hidden.size);
  }

  /** Whether outputs are written in place; see `Program`. */
  set inPlace(inPlace: boolean) {
    this.#placement.program.inPlace = inPlace;
  }

  /**
   * One pass over `tokens`, written after the first `past` positions of `cache`. Does not touch the cache's record
   * of tokens: the caller appends what it wants kept.
   *
   * Where the cache lies elsewhere than this model runs now, as after a device has failed, what it held before `past` is read again.
   *
   * @param rows which of the tokens' logits are wanted, at least one, in ascending order
   * @returns logits [rows.length, vocabSize], valid until the next pass
   * @throws Cancelled
   */
  async forward(
    cache: KvCache,
    tokens: readonly number[],
    past: number,
    rows: readonly number[],
    attention?: AttentionInputs,
  ): Promise<Float32Array> {
    assert(tokens.length > 0 && rows.length > 0, "a pass is over tokens, for rows");
    await this.bring(cache, past);
    const logits = this.#buffer(rows.length);
    const hidden = this.#hiddenBuffer(rows.length);
    const { mostTokens } = this.#placement;
    let done = 0;
    for (let from = 0; from < tokens.length; from += mostTokens) {
      const part = tokens.slice(from, from + mostTokens);
      const own = rows.filter((row) => row >= from && row < from + part.length).map((row) => row - from);
      // A graph has no output without rows; nobody looks at these.
      const unused = own.length === 0;
      const wanted = unused ? [part.length - 1] : own;
      const memory = unused ? this.#unusedRow() : this.#rowsOf({ logits, hidden }, done, own.length);
      done += own.length;
      await this.#gate.enter(this.entry.role);
      if (await this.#pass(cache, part, past + from, wanted, memory, attention)) continue;
      return this.forward(cache, tokens, past, rows, attention);
    }
    return logits;
  }

  /** Has the cache lie where this model runs, with what it held before `past`. @throws Cancelled */
  async bring(cache: KvCache, past: number): Promise<void> {
    const held = cache.moveTo(this.#placement.place).slice(0, past);
    for (let from = 0; from < held.length; from += READ_AGAIN_CHUNK) {
      const chunk = held.slice(from, from + READ_AGAIN_CHUNK);
      await this.forward(cache, padded(chunk, READ_AGAIN_MULTIPLE), from, [chunk.length - 1]);
      cache.append(chunk, true);
    }
  }

  /** @param memory for what the rows are to have, written @returns whether it was run; if not, the processor has taken over */
  async #pass(
    cache: KvCache,
    tokens: readonly number[],
    past: number,
    rows: readonly number[],
    { logits, hidden }: RowMemory,
    attention?: AttentionInputs,
  ): Promise<boolean> {
    const m = tokens.length;
    try {
      await cache.reserve(past + m);
      const inputs: Record<string, Buffer> = {
        tokens: int64(tokens, [1, m]),
        rows: int64(rows, [rows.length]),
        seqlens_k: bufferOf({ type: "int32", data: Int32Array.of(past + m - 1) }, [1]),
        total_length: bufferOf({ type: "int32", data: Int32Array.of(past + m) }, []),
        ...cache.pasts,
      };
      if (attention !== undefined) {
        inputs.positions = bufferOf({ type: "int64", data: attention.positions }, [1, m]);
        inputs.bias = bufferOf({ type: "float32", data: attention.bias }, [1, 1, m, past + m]);
      }
      const wanted = bufferOf({ type: "float32", data: logits }, [rows.length, this.entry.vocabSize]);
      const states = hidden === undefined ? {} : { hidden: statesOf(hidden, rows.length) };
      await this.#placement.program.run(inputs, { logits: wanted, ...states, ...cache.presents });
      return true;
    } catch (error) {
      await this.giveUpDevice(error);
      return false;
    }
  }

  /** Has the processor take over after a pass failed on the device, of this model or of another one there. @throws `error` where nothing does */
  async giveUpDevice(error: unknown): Promise<void> {
    if (this.#fallBack === undefined) throw error;
    const { create, tell, tookOver } = this.#fallBack;
    this.#fallBack = undefined;
    tell(error);
    const program = await create();
    program.inPlace = this.#placement.program.inPlace;
    this.#placement = onProcessor(program);
    tookOver?.();
  }

  /** Memory of `count` rows from the first on. */
  #rowsOf({ logits, hidden }: RowMemory, first: number, count: number): RowMemory {
    const part = (memory: Float32Array, size: number): Float32Array => memory.subarray(first * size, (first + count) * size);
    const states = hidden === undefined || this.#hidden === undefined ? undefined : part(hidden, this.#hidden.size);
    return { logits: part(logits, this.entry.vocabSize), hidden: states };
  }

  #unusedRow(): RowMemory {
    const hidden = this.#hidden === undefined ? undefined : new Float32Array(this.#hidden.size);
    return { logits: new Float32Array(this.entry.vocabSize), hidden };
  }

  #hiddenBuffer(rows: number): Float32Array | undefined {
    if (this.#hidden === undefined) return undefined;
    const size = rows * this.#hidden.size;
    if (this.#hidden.data.length < size) this.#hidden.data = new Float32Array(size);
    return this.#hidden.data.subarray(0, size);
  }

  /** Fills the output buffer with NaN, so that a pass which does not write it is found out. */
  poison(): void {
    this.#logits.fill(NaN);
  }

  #buffer(rows: number): Float32Array {
    const size = rows * this.entry.vocabSize;
    if (this.#logits.length < size) this.#logits = new Float32Array(size);
    return this.#logits.subarray(0, size);
  }
}

/** Memory for last hidden states, [1, rows, hiddenSize]. */
function statesOf(data: Float32Array, rows: number): Buffer {
  return bufferOf({ type: "float32", data }, [1, rows, data.length / rows]);
}

/** Whole numbers as an input. */
export function int64(values: readonly number[], dims: readonly number[]): Buffer {
  return bufferOf({ type: "int64", data: BigInt64Array.from(values, BigInt) }, dims);
}

/** `tokens`, filled up with token 0 to a multiple of `multiple`, a power of two. */
export function padded(tokens: readonly number[], multiple: number): readonly number[] {
  const missing = -tokens.length & (multiple - 1);
  return missing === 0 ? tokens : [...tokens, ...new Array<number>(missing).fill(0)];
}
