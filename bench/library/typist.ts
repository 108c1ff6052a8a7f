import type { EngineClient } from "../../src/client/engineClient.js";
import { systemClock } from "../../src/machine/systemClock.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import type { CompleteResult } from "../../src/protocol/messages.js";
import type { Place } from "../../src/protocol/place.js";
import { AdaptiveDebounce } from "../../src/suggest/adaptiveDebounce.js";
import { Presenters } from "../../src/suggest/presenter.js";
import { Suggester, type Complete } from "../../src/suggest/suggester.js";
import { SuggestionStore } from "../../src/suggest/suggestionStore.js";
import { fixedDebounce } from "./fixedDebounce.js";

/**
 * How a keystroke fared until the next one. `cached`: there was something to show at once. `answered`: the engine's text came.
 * `late`: the next keystroke came first. `empty`: there is nothing to show.
 */
export type KeystrokeOutcome = "cached" | "answered" | "late" | "empty";

/** What has become of a keystroke. */
export interface Fate {
  outcome: KeystrokeOutcome;
  firstAtMs: number | undefined;
}

export interface TypistOptions {
  /** Quiet time after a keystroke before the engine is asked, in ms; undefined for that of the product. */
  readonly debounceMs: number | undefined;
  readonly maxTokens: number;
}

const GREEDY = { temperature: 0, topP: 1, seed: 0, decoder: "deer", block: "auto" } as const;

/** The extension's side of typing, without an editor. */
export class Typist {
  readonly #suggester: Suggester;
  readonly #engine: Pick<EngineClient, "complete">;
  readonly #maxTokens: number;
  #abort = new AbortController();
  #place: Place | undefined;
  #passes = { passes: 0, wastedPasses: 0 };
  #atRest: () => void = () => {};
  #fail!: (error: Error) => void;
  /** Rejects when the engine fails, and settles no other way. */
  readonly failure = new Promise<never>((_resolve, reject) => (this.#fail = reject));

  constructor(engine: Pick<EngineClient, "complete">, { debounceMs, maxTokens }: TypistOptions) {
    this.#engine = engine;
    this.#maxTokens = maxTokens;
    this.failure.catch(() => {});
    this.#suggester = new Suggester({
      complete: (...args) => this.#complete(...args),
      store: new SuggestionStore(),
      presenters: new Presenters(),
      debounce: debounceMs === undefined ? new AdaptiveDebounce() : fixedDebounce(debounceMs),
      clock: systemClock,
      maxTokens: () => maxTokens,
      onProgress: () => this.#atRest(),
      onFailure: (error) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    });
  }

  /** Types what makes a document say `text`. @param offset where the cursor is then; undefined where nothing is asked for */
  type(text: string, offset: number | undefined): Fate {
    this.#abort.abort();
    const own = new AbortController();
    this.#abort = own;
    const fate: Fate = { outcome: "empty", firstAtMs: undefined };
    if (offset === undefined) {
      this.#suggester.cancel();
      return fate;
    }
    const place = { uri: "", ...documentSlice(text, offset, offset) };
    this.#place = place;
    this.#suggester.ask(place);
    const shown = this.#suggester.current(place);
    if (typeof shown === "object") return { outcome: "cached", firstAtMs: performance.now() };
    if (shown === undefined) void this.#await(place, own.signal, fate);
    return fate;
  }

  async #await(place: Place, signal: AbortSignal, open: Fate): Promise<void> {
    const fate = open;
    fate.outcome = "late";
    const first = await this.#suggester.first(place, false, signal);
    if (signal.aborted || first === undefined) return;
    fate.outcome = typeof first === "string" ? "empty" : "answered";
    if (fate.outcome === "answered") fate.firstAtMs = performance.now();
  }

  /** Resolves when no text is on the way. @throws what the engine failed with */
  async rest(): Promise<void> {
    while (this.#suggester.isRunning) await Promise.race([new Promise<void>((resolve) => (this.#atRest = resolve)), this.failure]);
  }

  /** Passes since this was asked last. */
  takePasses(): { readonly passes: number; readonly wastedPasses: number } {
    const taken = this.#passes;
    this.#passes = { passes: 0, wastedPasses: 0 };
    return taken;
  }

  end(): void {
    this.#abort.abort();
    this.#suggester.cancel();
  }

  async #complete(...[{ prefix, suffix }, maxLines, signal, onText]: Parameters<Complete>): Promise<CompleteResult> {
    let hasShown = false;
    const listener: typeof onText = (text, likelihoods) => {
      onText(text, likelihoods);
      hasShown ||= this.#place !== undefined && typeof this.#suggester.current(this.#place) === "object";
    };
    const params = { prefix, suffix, ...GREEDY, maxTokens: this.#maxTokens, maxLines };
    const result = await this.#engine.complete(params, { signal, onText: listener });
    const passes = result.passes.verifier + result.passes.diffuser;
    this.#passes.passes += passes;
    if (!hasShown && result.outcome === "cancelled") this.#passes.wastedPasses += passes;
    return result;
  }
}
