import { assert } from "../../base/assert.js";
import type { ManifestModel } from "../../protocol/manifest.js";
import type { Device } from "../../protocol/messages.js";
import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import { CachePool } from "./cachePool.js";
import type { KvCache } from "./kvCache.js";
import { OnnxSession, tensor, type SessionTensor } from "../runtime/onnxSession.js";
import type { PassGate } from "../passGate.js";

/** Memory for the caches of one model: at the sizes that ship, two documents. */
const CACHE_BYTES = 36 * 2 ** 20;

/** What a diffuser pass needs besides tokens. */
export interface AttentionInputs {
  /** [m] */
  readonly positions: BigInt64Array;
  /** [m, past + m], added to the attention scores */
  readonly bias: Float32Array;
}

/** Where the passes of a model run. */
export interface Placement {
  readonly device: Device;
  /**
   * Called when a device other than the processor fails in a pass. The processor has then taken over; as caches lie in
   * its memory, nothing is lost.
   */
  readonly onFallBack: (error: unknown) => void;
}

const PROCESSOR: Placement = { device: "cpu", onFallBack: () => {} };

/** Runs the graph; see `OnnxSession`. */
export type GraphRunner = Pick<OnnxSession, "run" | "inPlace">;

/** What takes over when a device fails. */
export interface FallBack {
  readonly create: () => Promise<GraphRunner>;
  readonly tell: Placement["onFallBack"];
}

/** One graph, its cache and its output buffer: the mechanics of a forward pass. */
export class OnnxModel {
  readonly facts: ManifestModel;
  readonly caches: CachePool;
  readonly gate: PassGate;
  #session: GraphRunner;
  #fallBack: FallBack | undefined;
  #logits = new Float32Array(0);

  /** @param fallBack undefined where nothing is left to fall back on */
  constructor(facts: ManifestModel, session: GraphRunner, gate: PassGate, fallBack: FallBack | undefined) {
    this.facts = facts;
    this.#session = session;
    this.#fallBack = fallBack;
    this.gate = gate;
    const { layers, kvHeads, headDim, contextTokens } = facts;
    this.caches = new CachePool({ layers, kvHeads, headDim, capacity: contextTokens + SPARE_POSITIONS }, CACHE_BYTES);
  }

  /** The cache that passes read and write now; `caches.choose` changes it. */
  get cache(): KvCache {
    return this.caches.current;
  }

  /**
   * @param placement where the passes run; default the processor
   * @throws LacunaError `modelUnusable` or `outOfMemory`
   */
  static async load(facts: ManifestModel, graphPath: string, threads: number, gate: PassGate, placement = PROCESSOR): Promise<OnnxModel> {
    const { device, onFallBack } = placement;
    const create = (where: Device): Promise<OnnxSession> => OnnxSession.create(graphPath, threads, where);
    const fallBack = device === "cpu" ? undefined : { create: () => create("cpu"), tell: onFallBack };
    return new OnnxModel(facts, await create(device), gate, fallBack);
  }

  /** Whether outputs are written in place; see `OnnxSession`. */
  set inPlace(inPlace: boolean) {
    this.#session.inPlace = inPlace;
  }

  /**
   * One pass over `tokens`, written behind the first `past` cached positions. Does not touch the cache's record
   * of tokens: the caller appends what it wants kept.
   *
   * @param rows which of the tokens' logits are wanted, at least one
   * @returns logits [rows.length, vocabSize], valid until the next pass
   * @throws Cancelled
   */
  async forward(tokens: readonly number[], past: number, rows: readonly number[], attention?: AttentionInputs): Promise<Float32Array> {
    const m = tokens.length;
    assert(past + m <= this.cache.capacity, `a pass of ${m} tokens after ${past} does not fit the cache`);
    await this.gate.enter();
    const logits = this.#buffer(rows.length);
    const inputs: Record<string, SessionTensor> = {
      tokens: int64(tokens, [1, m]),
      rows: int64(rows, [rows.length]),
      seqlens_k: tensor({ type: "int32", data: Int32Array.of(past + m - 1), dims: [1] }),
      total_length: tensor({ type: "int32", data: Int32Array.of(past + m), dims: [] }),
      ...this.cache.pasts,
    };
    if (attention !== undefined) {
      inputs.positions = tensor({ type: "int64", data: attention.positions, dims: [1, m] });
      inputs.bias = tensor({ type: "float32", data: attention.bias, dims: [1, 1, m, past + m] });
    }
    const wanted = tensor({ type: "float32", data: logits, dims: [rows.length, this.facts.vocabSize] });
    await this.#run(inputs, { logits: wanted, ...this.cache.presents });
    return logits;
  }

  async #run(inputs: Record<string, SessionTensor>, outputs: Record<string, SessionTensor>): Promise<void> {
    try {
      await this.#session.run(inputs, outputs);
    } catch (error) {
      if (this.#fallBack === undefined) throw error;
      const { inPlace } = this.#session;
      const { create, tell } = this.#fallBack;
      this.#session = await create();
      this.#session.inPlace = inPlace;
      this.#fallBack = undefined;
      tell(error);
      await this.#session.run(inputs, outputs);
    }
  }

  /** Fills the output buffer with NaN, so that a pass which does not write it is found out. */
  poison(): void {
    this.#logits.fill(NaN);
  }

  #buffer(rows: number): Float32Array {
    const size = rows * this.facts.vocabSize;
    if (this.#logits.length < size) this.#logits = new Float32Array(size);
    return this.#logits.subarray(0, size);
  }
}

function int64(values: readonly number[], dims: readonly number[]): SessionTensor {
  return tensor({ type: "int64", data: BigInt64Array.from(values, BigInt), dims });
}

/** `tokens`, filled up with token 0 to a multiple of `multiple`. */
export function padded(tokens: readonly number[], multiple: number): readonly number[] {
  const missing = -tokens.length & (multiple - 1);
  return missing === 0 ? tokens : [...tokens, ...new Array<number>(missing).fill(0)];
}
