import type { CompleteResult } from "../protocol/messages.js";
import type { AdaptiveDebounce } from "./adaptiveDebounce.js";
import { indentStyle, reindented } from "./indentation.js";
import { presentable, type Objection, type Presentable } from "./presentable.js";
import { isSamePlace, type Place } from "../protocol/place.js";
import { restOf, type SuggestionCache } from "./suggestionCache.js";
import { suggestionExtent } from "./suggestionExtent.js";
import { surroundingsOf } from "./surroundings.js";

/** Completes one place. Cancelling ends it with what it has. @throws LacunaError */
export type Complete = (place: Place, signal: AbortSignal, onText: (text: string) => void) => Promise<CompleteResult>;

export interface SuggesterOptions {
  readonly complete: Complete;
  readonly cache: SuggestionCache;
  readonly debounce: AdaptiveDebounce;
  /** Most tokens of one request: a result of so many is taken as cut off. */
  readonly maxTokens: () => number;
  /** Called when there is more text for the place asked for last, and when there will be no more. */
  readonly onProgress?: () => void;
  /** Whether the models are loaded: the time of a request that waits for them says nothing about the next. Default: they are. */
  readonly isWarm?: () => boolean;
  /** Called with each finished request. @param firstTextMs until its first text; undefined if there was none, or the models were not loaded */
  readonly onResult?: (place: Place, result: CompleteResult, firstTextMs: number | undefined) => void;
  readonly onFailure?: (error: unknown) => void;
  /** A clock in ms; default the process's own. */
  readonly now?: () => number;
}

interface Run {
  readonly place: Place;
  readonly isManual: boolean;
  readonly abort: AbortController;
  /** All text so far, what was known before included. */
  text: string;
}

/** The text that goes on from a place: one request in flight, the newest; what is known already is not asked for again. */
export class Suggester {
  readonly #options: SuggesterOptions;
  readonly #now: () => number;
  #run: Run | undefined;
  #waiting: (() => void)[] = [];
  #failed: { readonly place: Place; readonly why: string } | undefined;

  constructor(options: SuggesterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Whether text for the place asked for last is still coming. */
  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Sees to it that there will be a suggestion for a place. A request for a place that this one does not go on from is cancelled. */
  ask(place: Place, isManual = false): void {
    if (this.#run !== undefined && this.#run.isManual === isManual && this.#isOnTheWay(this.#run, place)) return;
    this.cancel();
    const known = this.#options.cache.find(place);
    if (known !== undefined) {
      const shown = present(known.text, place, isManual, known.isWhole);
      if (known.isWhole || (typeof shown !== "string" && shown.isWhole)) return;
    }
    const run: Run = { place, isManual, abort: new AbortController(), text: known?.text ?? "" };
    this.#run = run;
    this.#failed = undefined;
    void this.#work(run, isManual || run.text !== "" ? 0 : this.#options.debounce.waitMs);
  }

  /** What there is for a place now: a suggestion, why there is none, or undefined while that is open. */
  current(place: Place, isManual = false): Presentable | Objection | undefined {
    const run = this.#run;
    if (run !== undefined && this.#isOnTheWay(run, place)) {
      const rest = restOf(run, place) ?? "";
      const shown = present(rest, place, isManual, false);
      return typeof shown === "string" ? undefined : shown;
    }
    const known = this.#options.cache.find(place);
    return known === undefined ? undefined : present(known.text, place, isManual, known.isWhole);
  }

  /** What there is first for a place that was asked for, or why there is nothing; undefined when another place was asked for since. */
  async first(place: Place, isManual: boolean, signal: AbortSignal): Promise<Presentable | string | undefined> {
    for (;;) {
      const shown = this.current(place, isManual);
      if (shown !== undefined || signal.aborted) return shown;
      const run = this.#run;
      if (run === undefined || !this.#isOnTheWay(run, place)) {
        return this.#failed !== undefined && isSamePlace(this.#failed.place, place) ? this.#failed.why : "The model wrote nothing here.";
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      if (run.abort.signal.aborted && this.#run !== run && this.current(place, isManual) === undefined) return undefined;
    }
  }

  /** Ends the request in flight. */
  cancel(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.abort.abort();
    this.#keep(run, false);
    this.#wake();
  }

  #isOnTheWay(run: Run, place: Place): boolean {
    return isSamePlace(run.place, place) || restOf(run, place) !== undefined;
  }

  async #work(run: Run, waitMs: number): Promise<void> {
    const { signal } = run.abort;
    const base = run.text;
    const adapt = adaptation(run.place.prefix + base);
    let said = "";
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (signal.aborted) return;
    const isWarm = this.#options.isWarm?.() ?? true;
    const start = this.#now();
    let firstTextMs: number | undefined;
    const onText = (text: string): void => {
      if (signal.aborted) return;
      if (isWarm) firstTextMs ??= this.#now() - start;
      said += text;
      run.text = base + adapt(said);
      const shown = present(run.text, run.place, run.isManual, false);
      if (typeof shown !== "string" && shown.isWhole) run.abort.abort();
      this.#progress();
    };
    try {
      const place = { ...run.place, prefix: run.place.prefix + base };
      const result = await this.#options.complete(place, signal, onText);
      if (firstTextMs !== undefined) this.#options.debounce.add(firstTextMs);
      this.#options.onResult?.(place, result, firstTextMs);
      if (result.outcome === "done") {
        const isCutOff = result.tokens >= this.#options.maxTokens();
        run.text = base + adapt(isCutOff ? withoutLastOfManyLines(result.text) : result.text);
        this.#keep(run, true);
      } else {
        this.#keep(run, false);
      }
    } catch (error) {
      this.#failed = { place: run.place, why: error instanceof Error ? error.message : String(error) };
      this.#options.onFailure?.(error);
    }
    if (this.#run === run) {
      this.#run = undefined;
      this.#progress();
    }
  }

  #keep({ place, text }: Run, isWhole: boolean): void {
    this.#options.cache.put({ place, text, isWhole });
  }

  #progress(): void {
    this.#wake();
    this.#options.onProgress?.();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function present(text: string, place: Place, isManual: boolean, isWhole: boolean): Presentable | Objection {
  const around = surroundingsOf(place.prefix, place.suffix);
  return presentable(text, around, { extent: suggestionExtent(around, isManual), isWhole });
}

/** What makes the engine's text indent as the text before it does. */
function adaptation(before: string): (text: string) => string {
  const style = indentStyle(before);
  const isLineStart = /(^|\n)[ \t]*$/.test(before);
  return (text) => (style === undefined ? text : reindented(text, style, isLineStart));
}

/** A limit can fall within a line, and half a line below whole ones is worse than none. */
function withoutLastOfManyLines(text: string): string {
  const end = text.lastIndexOf("\n");
  return end <= 0 || text.slice(0, end).trim() === "" ? text : text.slice(0, end);
}
