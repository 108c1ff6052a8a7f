import type { CompleteResult } from "../protocol/messages.js";
import { LEAST_PAIRS, type SpeedRecord } from "./speedRecord.js";
import type { Place } from "../protocol/place.js";

const QUIET_MS = 2000;
/** Suggestions between two measurements: few until there is a number to show, then many. */
const EVERY_AT_FIRST = 4;
const EVERY = 20;
const LEAST_TOKENS = 4;

export interface BaselineMeterOptions {
  readonly record: SpeedRecord;
  /** Decodes a place with or without drafts. */
  readonly decode: (place: Place, decoder: "ar" | "deer", maxTokens: number, signal: AbortSignal) => Promise<CompleteResult>;
  readonly isWanted: () => boolean;
  readonly onPair?: () => void;
  /** How long nothing must have happened before it measures; default 2000 ms. */
  readonly quietMs?: number;
}

/** When the editor is quiet, decodes a place that was completed once more with drafts and without: the measured speed-up. */
export class BaselineMeter {
  readonly #options: BaselineMeterOptions;
  #candidate: { readonly place: Place; readonly tokens: number } | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | undefined;

  constructor(options: BaselineMeterOptions) {
    this.#options = options;
  }

  /** A finished request; every few of them one is measured. */
  completed(place: Place, { tokens }: Pick<CompleteResult, "tokens">): void {
    this.#since += 1;
    const every = this.#options.record.speeds.pairs < LEAST_PAIRS ? EVERY_AT_FIRST : EVERY;
    if (this.#since < every || tokens < LEAST_TOKENS) return;
    this.#candidate = { place, tokens };
    this.activity();
  }

  /** Something was typed or asked for: a measurement under way ends, and quiet begins anew. */
  activity(): void {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    if (this.#candidate === undefined) return;
    this.#timer = setTimeout(() => void this.#measure(), this.#options.quietMs ?? QUIET_MS);
    this.#timer.unref();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#candidate = undefined;
  }

  async #measure(): Promise<void> {
    const { decode, record, isWanted, onPair } = this.#options;
    if (this.#candidate === undefined || !isWanted()) return;
    const { place, tokens } = this.#candidate;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const deer = await decode(place, "deer", tokens, signal);
      const ar = signal.aborted ? undefined : await decode(place, "ar", tokens, signal);
      if (ar === undefined || signal.aborted || deer.outcome !== "done" || ar.outcome !== "done") return;
      this.#candidate = undefined;
      this.#since = 0;
      record.addPair({ ar: ar.tokensPerSecond, deer: deer.tokensPerSecond }, deer.blocks);
      onPair?.();
    } catch {
      // A measurement is not worth a message; the engine's failure shows elsewhere.
      this.#candidate = undefined;
    }
  }
}
