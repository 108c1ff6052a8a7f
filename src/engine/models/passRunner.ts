import { assert } from "../../base/assert.js";
import type { DecoderEntry } from "../../protocol/manifest.js";
import type { Device } from "../../protocol/messages.js";
import type { PassGate } from "../passGate.js";
import { bufferOf, Program, type Buffer } from "../runtime/program.js";
import type { KvCache } from "./kvCache.js";

/** What a diffuser pass needs besides tokens. */
export interface AttentionInputs {
  /** [m] */
  readonly positions: BigInt64Array;
  /** [m, past + m], added to the attention scores */
  readonly bias: Float32Array;
}

/** Runs a graph; see `Program`. */
export type GraphProgram = Pick<Program, "run" | "inPlace">;

/** What takes over when a device fails. */
export interface FallBack {
  readonly create: () => Promise<GraphProgram>;
  /** Called when it has taken over; as caches lie in the processor's memory, nothing is lost. */
  readonly tell: (error: unknown) => void;
}

/** Where the passes of a model run. */
export interface Placement {
  readonly device: Device;
  readonly threads: number;
}

/** One graph and its output buffer: the mechanics of a forward pass. */
export class PassRunner {
  readonly entry: DecoderEntry;
  readonly #gate: PassGate;
  #device: Device;
  #program: GraphProgram;
  #fallBack: FallBack | undefined;
  #logits = new Float32Array(0);
  #hidden: { readonly size: number; data: Float32Array } | undefined;

  /** @param fallBack undefined where nothing is left to fall back on */
  constructor(entry: DecoderEntry, program: GraphProgram, gate: PassGate, device: Device = "cpu", fallBack?: FallBack) {
    this.entry = entry;
    this.#program = program;
    this.#gate = gate;
    this.#device = device;
    this.#fallBack = fallBack;
  }

  /** Loads a graph. @throws LacunaError `modelUnusable` or `outOfMemory` */
  static async load(entry: DecoderEntry, graphPath: string, gate: PassGate, { device, threads }: Placement): Promise<PassRunner> {
    const create = (where: Device): Promise<Program> => Program.create(graphPath, threads, where);
    const tell = (error: unknown): void => {
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${device} failed in a pass of the ${entry.role}, the processor takes over: ${why}\n`);
    };
    const fallBack = device === "cpu" ? undefined : { create: () => create("cpu"), tell };
    return new PassRunner(entry, await create(device), gate, device, fallBack);
  }

  /** Where the next pass runs. */
  get device(): Device {
    return this.#device;
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
    this.#program.inPlace = inPlace;
  }

  /**
   * One pass over `tokens`, written after the first `past` positions of `cache`. Does not touch the cache's record
   * of tokens: the caller appends what it wants kept.
   *
   * @param rows which of the tokens' logits are wanted, at least one
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
    const m = tokens.length;
    assert(m > 0 && rows.length > 0, "a pass is over tokens, for rows");
    cache.reserve(past + m);
    await this.#gate.enter(this.entry.role);
    const logits = this.#buffer(rows.length);
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
    await this.#run(inputs, { logits: wanted, ...this.#hiddenOutput(rows.length), ...cache.presents });
    return logits;
  }

  #hiddenOutput(rows: number): Record<string, Buffer> {
    if (this.#hidden === undefined) return {};
    const { size } = this.#hidden;
    if (this.#hidden.data.length !== rows * size) this.#hidden.data = new Float32Array(rows * size);
    return { hidden: bufferOf({ type: "float32", data: this.#hidden.data }, [1, rows, size]) };
  }

  async #run(inputs: Record<string, Buffer>, outputs: Record<string, Buffer>): Promise<void> {
    try {
      await this.#program.run(inputs, outputs);
    } catch (error) {
      if (this.#fallBack === undefined) throw error;
      const { inPlace } = this.#program;
      const { create, tell } = this.#fallBack;
      this.#program = await create();
      this.#program.inPlace = inPlace;
      this.#fallBack = undefined;
      this.#device = "cpu";
      tell(error);
      await this.#program.run(inputs, outputs);
    }
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

/** Whole numbers as an input. */
export function int64(values: readonly number[], dims: readonly number[]): Buffer {
  return bufferOf({ type: "int64", data: BigInt64Array.from(values, BigInt) }, dims);
}

/** `tokens`, filled up with token 0 to a multiple of `multiple`, a power of two. */
export function padded(tokens: readonly number[], multiple: number): readonly number[] {
  const missing = -tokens.length & (multiple - 1);
  return missing === 0 ? tokens : [...tokens, ...new Array<number>(missing).fill(0)];
}
