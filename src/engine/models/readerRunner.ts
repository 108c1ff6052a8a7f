import type { ManifestFile, ReaderEntry } from "../../protocol/manifest.js";
import { LacunaError } from "../../protocol/errors.js";
import type { Device } from "../../protocol/messages.js";
import type { PassGate } from "../passGate.js";
import { PAST } from "../runtime/canvasGraph.js";
import { bufferOf, Program, type Buffer } from "../runtime/program.js";
import { HIDDEN } from "./canvasLayout.js";
import type { KvCache } from "./kvCache.js";
import { int64, type AttentionInputs, type PassRunner } from "./passRunner.js";
import type { GraphProgram } from "./placement.js";

/** Roles of the network, with their numbers. */
export const READER_ROLE = { draft: 0, infill: 1 } as const;

/** One pass over canvases. */
export interface CanvasPass extends AttentionInputs {
  /** [m], -1 where a slot is undecided */
  readonly tokens: readonly number[];
  /** [m], the place of each token in its canvas, 0 for the anchor */
  readonly slots: readonly number[];
  readonly role: keyof typeof READER_ROLE;
  /** The verifier's last hidden state before the anchor; undefined where nothing stands before it. */
  readonly last: Float32Array | undefined;
  /** Which of the tokens' scores are wanted, at least one. */
  readonly rows: readonly number[];
}

/** What a reader says of slots; valid until its next pass. */
export interface SlotScores {
  /** [rows, classes] */
  readonly logits: Float32Array;
  /** [rows], the logit of the chance that a slot's best class is right */
  readonly certainty: Float32Array;
  /** [rows, hiddenSize], final states, in memory of their own; where it writes one token a pass. */
  readonly states?: Float32Array | undefined;
}

/** The verifier whose caches are read: where they lie, and what becomes of them where a device fails. */
export type CacheOwner = Pick<PassRunner, "cacheDevice" | "bring" | "giveUpDevice">;

/** Loads the graph of canvases for a device that keeps caches. @throws LacunaError `modelUnusable` or `outOfMemory` */
export function placeCanvas(graph: string, headDim: number, threads: number, device: Device): Promise<GraphProgram> {
  return Program.createCanvas(graph, headDim, threads, device);
}

/** The graph of canvases, by where the cache lies that they read. */
export interface CanvasPrograms {
  /** On the device that keeps the caches; undefined where they lie in the processor's memory. */
  readonly onDevice: GraphProgram | undefined;
  /** Loaded when it is needed. */
  readonly onProcessor: () => Promise<GraphProgram>;
}

/**
 * The two graphs of a reader: that of its canvases, which runs where the verifier's caches lie, and that of the sequential head, which runs on
 * the processor. Where a device fails under a canvas, the processor takes over for both models.
 */
export class ReaderRunner {
  readonly entry: ReaderEntry;
  /** Head tokens, and END. */
  readonly classes: number;
  readonly #canvases: CanvasPrograms;
  readonly #sequential: GraphProgram;
  readonly #owner: CacheOwner;
  readonly #gate: PassGate;
  readonly #noState: Float32Array;
  #onProcessor: GraphProgram | undefined;
  #inPlace = true;
  #scored = new Float32Array(0);
  #followed = new Float32Array(0);

  constructor(entry: ReaderEntry, canvases: CanvasPrograms, sequential: GraphProgram, owner: CacheOwner, gate: PassGate) {
    this.entry = entry;
    this.classes = entry.headTokens + 1;
    this.#canvases = canvases;
    this.#sequential = sequential;
    this.#owner = owner;
    this.#gate = gate;
    this.#noState = new Float32Array(entry.hiddenSize);
  }

  /** Loads what is needed where the verifier runs. @param headDim of its attention @throws LacunaError `modelUnusable` or `outOfMemory` */
  static async load(
    entry: ReaderEntry,
    pathOf: (file: ManifestFile) => string,
    owner: CacheOwner,
    headDim: number,
    gate: PassGate,
    threads: number,
    place: typeof placeCanvas = placeCanvas,
  ): Promise<ReaderRunner> {
    const graph = pathOf(entry.graph);
    const { cacheDevice } = owner;
    if (entry.isAutoregressive === true && cacheDevice !== "cpu") {
      throw new LacunaError("modelUnusable", `${entry.name} runs on the processor alone.`, "Choose cpu as the device.");
    }
    const onDevice = cacheDevice === "cpu" ? undefined : await place(graph, headDim, threads, cacheDevice);
    const canvases = { onDevice, onProcessor: () => Program.create(graph, threads, "cpu") };
    const runner = new ReaderRunner(entry, canvases, await Program.create(pathOf(entry.sequential), threads, "cpu"), owner, gate);
    if (onDevice === undefined) await runner.#programHere();
    return runner;
  }

  /** Where canvases run now. */
  get device(): Device {
    return this.#owner.cacheDevice;
  }

  /** Whether outputs are written in place; see `Program`. */
  set inPlace(inPlace: boolean) {
    this.#inPlace = inPlace;
    for (const program of [this.#canvases.onDevice, this.#onProcessor, this.#sequential]) if (program !== undefined) program.inPlace = inPlace;
  }

  /**
   * Scores slots of canvases behind the first `past` positions of the verifier's `cache`; what its memory holds from there on is
   * overwritten. They know nothing of decided tokens before them: see `follow`.
   *
   * @throws Cancelled
   */
  async forward(cache: KvCache, past: number, pass: CanvasPass): Promise<SlotScores> {
    await this.#owner.bring(cache, past);
    const { onDevice } = this.#canvases;
    const isOnDevice = this.#owner.cacheDevice !== "cpu" && onDevice !== undefined;
    const program = isOnDevice ? onDevice : await this.#programHere();
    // A device has no empty matrices: a position that nothing looks at stands for them.
    const [seen, bias] = isOnDevice && past === 0 ? [1, withHiddenPosition(pass)] : [past, pass.bias];
    await this.#gate.enter("diffuser");
    const scores = this.#scores(this.#scored, pass.rows.length, (data) => (this.#scored = data));
    const scored = { logits: this.#matrix(scores.logits, pass.rows.length), certainty: vector(scores.certainty) };
    const inputs = { ...this.#inputs({ ...pass, bias }, seen), ...lengths(past, pass.tokens.length) };
    if (!isOnDevice) {
      await cache.reserve(past + pass.tokens.length);
      const rows = pass.rows.length;
      const states = this.entry.isAutoregressive === true ? new Float32Array(rows * this.entry.hiddenSize) : undefined;
      const state = states === undefined ? {} : { states: bufferOf({ type: "float32", data: states }, [rows, this.entry.hiddenSize]) };
      const outputs = { ...scored, ...state, ...this.#ofReads(cache.presents, "present") };
      await program.run({ ...inputs, ...this.#ofReads(cache.pasts, "past") }, outputs);
      return { ...scores, states };
    }
    try {
      await cache.reserve(seen);
      await program.run({ ...inputs, ...this.#ofReads(cache.pasts, "past"), [PAST]: int64([seen], [1]) }, scored);
      return scores;
    } catch (error) {
      await this.#owner.giveUpDevice(error);
      return this.forward(cache, past, pass);
    }
  }

  async #programHere(): Promise<GraphProgram> {
    this.#onProcessor ??= await this.#canvases.onProcessor();
    this.#onProcessor.inPlace = this.#inPlace;
    return this.#onProcessor;
  }

  /** @param seen positions of the cache that the bias is for */
  #inputs({ tokens, slots, role, last, rows, positions, bias }: CanvasPass, seen: number): Record<string, Buffer> {
    const m = tokens.length;
    return {
      tokens: int64(tokens, [1, m]),
      slots: int64(slots, [1, m]),
      role: int64([READER_ROLE[role]], [1]),
      last: bufferOf({ type: "float32", data: last ?? this.#noState }, [1, 1, this.entry.hiddenSize]),
      rows: int64(rows, [rows.length]),
      positions: bufferOf({ type: "int64", data: positions }, [1, m]),
      bias: bufferOf({ type: "float32", data: bias }, [1, 1, m, seen + m]),
    };
  }

  /**
   * Adds to the scores of slots what the token before each says.
   *
   * @param before [rows] classes; `classes` for a token that has none, `classes + 1` for none that is known
   */
  async follow({ logits, certainty }: SlotScores, before: readonly number[]): Promise<SlotScores> {
    const rows = before.length;
    const scores = this.#scores(this.#followed, rows, (data) => (this.#followed = data));
    const inputs = { logits: this.#matrix(logits, rows), certainty: vector(certainty), before: int64(before, [rows]) };
    await this.#sequential.run(inputs, { followed: this.#matrix(scores.logits, rows), sure: vector(scores.certainty) });
    return scores;
  }

  #scores(memory: Float32Array, rows: number, keep: (data: Float32Array<ArrayBuffer>) => void): SlotScores {
    const size = rows * (this.classes + 1);
    const data = memory.length < size ? new Float32Array(size) : memory;
    if (data !== memory) keep(data as Float32Array<ArrayBuffer>);
    return { logits: data.subarray(0, rows * this.classes), certainty: data.subarray(rows * this.classes, size) };
  }

  #matrix(data: Float32Array, rows: number): Buffer {
    return bufferOf({ type: "float32", data }, [rows, this.classes]);
  }

  #ofReads(buffers: Readonly<Record<string, Buffer>>, kind: "past" | "present"): Record<string, Buffer> {
    const names = this.entry.reads.flatMap((layer) => [`${kind}_key_${layer}`, `${kind}_value_${layer}`]);
    return Object.fromEntries(names.map((name) => [name, buffers[name]]));
  }
}

function vector(data: Float32Array): Buffer {
  return bufferOf({ type: "float32", data }, [data.length]);
}

/** What the attention operator of the processor asks for. */
function lengths(past: number, m: number): Record<string, Buffer> {
  return {
    seqlens_k: bufferOf({ type: "int32", data: Int32Array.of(past + m - 1) }, [1]),
    total_length: bufferOf({ type: "int32", data: Int32Array.of(past + m) }, []),
  };
}

/** The bias of a canvas behind nothing, [m, m], with a position before it that it does not see, [m, 1 + m]. */
function withHiddenPosition({ tokens: { length: m }, bias }: CanvasPass): Float32Array {
  const wider = new Float32Array(m * (1 + m)).fill(HIDDEN);
  for (let row = 0; row < m; row += 1) wider.set(bias.subarray(row * m, (row + 1) * m), row * (1 + m) + 1);
  return wider;
}
