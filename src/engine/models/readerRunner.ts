import type { ManifestFile, ReaderEntry } from "../../protocol/manifest.js";
import type { PassGate } from "../passGate.js";
import { bufferOf, Program, type Buffer } from "../runtime/program.js";
import type { KvCache } from "./kvCache.js";
import { int64, type AttentionInputs } from "./passRunner.js";
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
}

/** The two graphs of a reader: that of its canvases, and that of the sequential head. They run on the processor, where the caches lie. */
export class ReaderRunner {
  readonly entry: ReaderEntry;
  /** Head tokens, and END. */
  readonly classes: number;
  readonly device = "cpu";
  readonly #canvases: GraphProgram;
  readonly #sequential: GraphProgram;
  readonly #gate: PassGate;
  readonly #noState: Float32Array;
  #scored = new Float32Array(0);
  #followed = new Float32Array(0);

  constructor(entry: ReaderEntry, canvases: GraphProgram, sequential: GraphProgram, gate: PassGate) {
    this.entry = entry;
    this.classes = entry.headTokens + 1;
    this.#canvases = canvases;
    this.#sequential = sequential;
    this.#gate = gate;
    this.#noState = new Float32Array(entry.hiddenSize);
  }

  /** Loads both graphs. @throws LacunaError `modelUnusable` or `outOfMemory` */
  static async load(entry: ReaderEntry, pathOf: (file: ManifestFile) => string, gate: PassGate, threads: number): Promise<ReaderRunner> {
    const canvases = await Program.create(pathOf(entry.graph), threads, "cpu");
    return new ReaderRunner(entry, canvases, await Program.create(pathOf(entry.sequential), threads, "cpu"), gate);
  }

  /** Whether outputs are written in place; see `Program`. */
  set inPlace(inPlace: boolean) {
    this.#canvases.inPlace = inPlace;
    this.#sequential.inPlace = inPlace;
  }

  /**
   * Scores slots of canvases behind the first `past` positions of the verifier's `cache`; what its memory holds from there on is
   * overwritten. They know nothing of decided tokens before them: see `follow`.
   *
   * @throws Cancelled
   */
  async forward(cache: KvCache, past: number, { tokens, slots, role, last, rows, positions, bias }: CanvasPass): Promise<SlotScores> {
    const m = tokens.length;
    await cache.reserve(past + m);
    await this.#gate.enter("diffuser");
    const scores = this.#scores(this.#scored, rows.length, (data) => (this.#scored = data));
    const inputs: Record<string, Buffer> = {
      tokens: int64(tokens, [1, m]),
      slots: int64(slots, [1, m]),
      role: int64([READER_ROLE[role]], [1]),
      last: bufferOf({ type: "float32", data: last ?? this.#noState }, [1, 1, this.entry.hiddenSize]),
      rows: int64(rows, [rows.length]),
      positions: bufferOf({ type: "int64", data: positions }, [1, m]),
      bias: bufferOf({ type: "float32", data: bias }, [1, 1, m, past + m]),
      seqlens_k: bufferOf({ type: "int32", data: Int32Array.of(past + m - 1) }, [1]),
      total_length: bufferOf({ type: "int32", data: Int32Array.of(past + m) }, []),
      ...this.#ofReads(cache.pasts, "past"),
    };
    const scored = { logits: this.#matrix(scores.logits, rows.length), certainty: vector(scores.certainty) };
    await this.#canvases.run(inputs, { ...scored, ...this.#ofReads(cache.presents, "present") });
    return scores;
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
