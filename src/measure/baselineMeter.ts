import type { CompleteResult } from "../protocol/messages.js";
import type { Place } from "../protocol/place.js";
import { DRAFTED, ONE_TOKEN, runRace, type Racer } from "./race.js";
import { LEAST_PAIRS, type SpeedRecord } from "./speedRecord.js";

const QUIET_MS = 2000;
/** Suggestions between two measurements: few until there is a number to show, then many. */
const EVERY_AT_FIRST = 4;
const EVERY = 20;
const LEAST_TOKENS = 4;

/** What ends a measurement under way. */
export interface Abort<Signal> {
  readonly signal: Signal;
  abort(): void;
}

export interface BaselineMeterOptions<Signal> {
  readonly record: SpeedRecord;
  /** Decodes a place with or without drafts. */
  readonly decode: (place: Place, decoder: Racer["decoder"], maxTokens: number, signal: Signal) => Promise<CompleteResult>;
  readonly isWanted: () => boolean;
  readonly onPair?: () => void;
  readonly newAbort: () => Abort<Signal>;
  /** Does something later, unless the function that it returns is called before. */
  readonly after: (ms: number, job: () => void) => () => void;
  /** How long nothing must have happened before it measures; default 2000 ms. */
  readonly quietMs?: number;
}

/** When the editor is quiet, decodes a place that was completed once more with drafts and without: the measured speed-up. */
export class BaselineMeter<Signal extends { readonly aborted: boolean }> {
  readonly #options: BaselineMeterOptions<Signal>;
  #candidate: { readonly place: Place; readonly tokens: number } | undefined;
  #since = 0;
  #measured = 0;
  #cancelTimer: () => void = () => {};
  #abort: Abort<Signal> | undefined;

  constructor(options: BaselineMeterOptions<Signal>) {
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
    this.#cancelTimer();
    if (this.#candidate === undefined) return;
    this.#cancelTimer = this.#options.after(this.#options.quietMs ?? QUIET_MS, () => void this.#measure());
  }

  dispose(): void {
    this.#cancelTimer();
    this.#abort?.abort();
    this.#candidate = undefined;
  }

  async #measure(): Promise<void> {
    const { decode, record, isWanted, onPair, newAbort } = this.#options;
    if (this.#candidate === undefined || !isWanted()) return;
    const { place, tokens } = this.#candidate;
    const { signal } = (this.#abort = newAbort());
    // Each is the first of the two as often as the other.
    const racers = this.#measured % 2 === 0 ? [DRAFTED, ONE_TOKEN] : [ONE_TOKEN, DRAFTED];
    try {
      const options = { racers, rounds: 1, isShown: false, isCompared: false, isStopped: () => signal.aborted };
      const runs = await runRace(({ decoder }) => decode(place, decoder, tokens, signal), options);
      const [plain, drafted] = [runs?.timed[ONE_TOKEN.name]?.[0], runs?.timed[DRAFTED.name]?.[0]];
      if (plain === undefined || drafted === undefined) return;
      this.#candidate = undefined;
      this.#since = 0;
      this.#measured += 1;
      record.addPair({ plain: [plain.tokensPerSecond], drafted: [drafted.tokensPerSecond] }, drafted.blocks);
      onPair?.();
    } catch {
      // A measurement is not worth a message; the engine's failure shows elsewhere.
      this.#candidate = undefined;
    }
  }
}
