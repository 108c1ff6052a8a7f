import type { CompleteResult, TokenLikelihood } from "../protocol/messages.js";
import { isNearPlace, isSamePlace, type Place } from "../protocol/place.js";
import type { PlaceKind } from "../protocol/suggestionBars.js";
import type { Debounce } from "./adaptiveDebounce.js";
import { UNSURE, verdictOf } from "./verdict.js";
import type { Clock } from "./clock.js";
import { adaptation } from "./indentation.js";
import type { Presentable } from "./presentable.js";
import type { TextRefusal } from "./trims.js";
import type { Presenter, Presenters } from "./presenter.js";
import { lfLength, lineLikelihood } from "./likelihood.js";
import { lineEndsIn, remainderAt, restOf, type Remainder, type Standing, type SuggestionStore } from "./suggestionStore.js";

/** Completes one place, with at most so many lines. Cancelling ends it with what it has. @throws LacunaError */
export type Complete = (place: Place, maxLines: number, signal: AbortSignal, onText: OnText) => Promise<CompleteResult>;

type OnText = (text: string, likelihoods: readonly TokenLikelihood[]) => void;

export interface SuggesterOptions {
  readonly complete: Complete;
  readonly store: SuggestionStore;
  readonly presenters: Presenters;
  readonly debounce: Debounce;
  readonly clock: Clock;
  /** Most tokens of one request: a result of so many is taken as cut off. */
  readonly maxTokens: () => number;
  /** How likely the first line of a suggestion must be at a kind of place, unless a person asked for it; default 0: it is always shown. */
  readonly bar?: (kind: PlaceKind) => number;
  /** Called when there is more text for the place asked for last, and when there will be no more. */
  readonly onProgress?: () => void;
  /** Whether the models are loaded: the time of a request that waits for them says nothing about the next. Default: they are. */
  readonly isWarm?: () => boolean;
  /** Called with each finished request. @param firstTextMs until its first text; undefined if there was none, or the models were not loaded */
  readonly onResult?: (place: Place, result: CompleteResult, firstTextMs: number | undefined) => void;
  readonly onFailure?: (error: unknown) => void;
}

/** The text for a place while it comes: one request, and another one where more lines may be shown than the first was to give. */
interface Run {
  readonly place: Place;
  readonly isManual: boolean;
  readonly abort: AbortController;
  /** The place asked for last, which the text goes on from. */
  asked: Place;
  /** All text so far, what was known before included. */
  text: string;
  /** See `StoredText`. */
  likelihoods: readonly TokenLikelihood[];
  /** See `StoredText`. */
  readonly standing: Standing;
}

/** The text that goes on from a place: one request in flight, the newest; what is known already is not asked for again. */
export class Suggester {
  readonly #options: SuggesterOptions;
  #run: Run | undefined;
  #waiting: (() => void)[] = [];
  #failed: { readonly place: Place; readonly why: string } | undefined;
  /** Where text came last: the engine has read what stands there, so that the next key is quick. */
  #readAt: Place | undefined;

  constructor(options: SuggesterOptions) {
    this.#options = options;
  }

  /** Whether text for the place asked for last is still coming. */
  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Sees to it that there will be a suggestion for a place. A request for a place that this one does not go on from is cancelled. */
  ask(place: Place, isManual = false): void {
    const current = this.#run;
    if (current !== undefined && !current.abort.signal.aborted && current.isManual === isManual && isOnTheWay(current, place)) {
      current.asked = place;
      return;
    }
    this.cancel();
    const presenter = this.#options.presenters.at(place, isManual);
    const known = this.#options.store.find(place);
    if (!presenter.isOpen || (known !== undefined && (isEnough(known, presenter) || this.#isHeldBack(known, presenter, isManual)))) return;
    const { text, likelihoods, standing } = known ?? { text: "", likelihoods: [], standing: { isShown: false } };
    const run: Run = { place, isManual, abort: new AbortController(), asked: place, text, likelihoods, standing };
    this.#run = run;
    this.#failed = undefined;
    // Reading a new place is begun at once: what was read stays, whatever is typed next.
    const waitMs = isManual || run.text !== "" || !this.#isRead(place) ? 0 : this.#options.debounce.waitMs;
    void this.#work(run, waitMs);
  }

  /** What there is for a place now: a suggestion, why there is none, or undefined while that is open. */
  current(place: Place, isManual = false): Presentable | TextRefusal | typeof UNSURE | undefined {
    const run = this.#run;
    const presenter = this.#options.presenters.at(place, isManual);
    if (run !== undefined && isOnTheWay(run, place)) {
      const rest = run.text === "" ? undefined : remainderAt({ ...run, wholeLines: 0 }, place);
      const shown = rest === undefined ? undefined : presenter.present(rest.text, false);
      if (rest === undefined || shown === undefined || typeof shown === "string") return undefined;
      return this.#weighed(withoutHalfLine(shown, rest.text), rest, presenter, isManual);
    }
    if (!presenter.isOpen) return presenter.present("", true);
    const known = this.#options.store.find(place);
    if (known === undefined) return undefined;
    const shown = presenter.present(known.text, isAll(known, presenter));
    return typeof shown === "string" ? shown : this.#weighed(shown, known, presenter, isManual);
  }

  /** What is shown of a text, or why it is held back; undefined while it is open how likely its first line is. */
  #weighed(shown: Presentable, rest: Remainder, { kind }: Presenter, isManual: boolean): Presentable | typeof UNSURE | undefined {
    const bar = isManual || rest.standing.isShown ? 0 : (this.#options.bar?.(kind) ?? 0);
    // What is held back of a line, until more of it is known, is a part of the line all the same.
    const judged = shown.isWhole ? shown.text : rest.text.replaceAll("\r\n", "\n");
    const verdict = verdictOf(lineLikelihood(rest, judged, rest.wholeLines > 0), bar);
    if (verdict !== "sure") return verdict === "unsure" ? UNSURE : undefined;
    rest.standing.isShown = true;
    return shown;
  }

  #isHeldBack(rest: Remainder, presenter: Presenter, isManual: boolean): boolean {
    const shown = presenter.present(rest.text, isAll(rest, presenter));
    return typeof shown !== "string" && this.#weighed(shown, rest, presenter, isManual) === UNSURE;
  }

  /** What there is first for a place that was asked for, or why there is nothing; undefined when another place was asked for since. */
  async first(place: Place, isManual: boolean, signal: AbortSignal): Promise<Presentable | string | undefined> {
    for (;;) {
      const shown = this.current(place, isManual);
      if (shown !== undefined || signal.aborted) return shown;
      const run = this.#run;
      if (run === undefined || !isOnTheWay(run, place)) {
        return this.#failed !== undefined && isSamePlace(this.#failed.place, place) ? this.#failed.why : "The model wrote nothing here.";
      }
      await this.#change(signal);
      if (run.abort.signal.aborted && this.#run !== run && this.current(place, isManual) === undefined) return undefined;
    }
  }

  /** Resolves at the next change of what there is, or when the signal is aborted. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.push(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Ends the request in flight. */
  cancel(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.abort.abort();
    this.#keep(run, 0);
    this.#wake();
  }

  async #work(run: Run, waitMs: number): Promise<void> {
    if (waitMs > 0) await this.#options.clock.wait(waitMs);
    if (run.abort.signal.aborted) {
      this.#options.debounce.cutShort();
      return;
    }
    try {
      let goesOn = await this.#request(run, true);
      while (goesOn) goesOn = await this.#request(run, false);
    } catch (error) {
      this.#failed = { place: run.asked, why: error instanceof Error ? error.message : String(error) };
      this.#options.onFailure?.(error);
    }
    if (this.#run === run) {
      this.#run = undefined;
      this.#progress();
    }
  }

  /** Asks the engine for what is missing of a run's text. @param isFirst whether the run begins; @returns whether still more may be shown */
  async #request(run: Run, isFirst: boolean): Promise<boolean> {
    const { complete, clock, debounce, isWarm, maxTokens, onResult, presenters } = this.#options;
    const { signal } = run.abort;
    const base = run.text;
    const adapt = adaptation({ prefix: run.place.prefix + base, suffix: run.place.suffix });
    const known = restOf(run, run.asked) ?? "";
    const maxLines = Math.max(1, presenters.at(run.asked, run.isManual).mostLines(known) - lineEndsIn(known));
    const isTimed = isFirst && (isWarm?.() ?? true);
    const wasRead = this.#isRead(run.place);
    const start = clock.now();
    let said = "";
    let firstTextMs: number | undefined;
    const knownBefore = run.likelihoods;
    /** Those of what the engine said, where they are after its indentation was adapted. */
    const placed = (likelihoods: readonly TokenLikelihood[]): readonly TokenLikelihood[] =>
      likelihoods.map(([end, logProb]) => [lfLength(base) + adapt(`${said.replaceAll("\r\n", "\n").slice(0, end)}|`).length - 1, logProb]);
    const onText: OnText = (text, likelihoods) => {
      if (signal.aborted) return;
      if (isTimed) firstTextMs ??= clock.now() - start;
      this.#readAt = run.place;
      said += text;
      run.text = base + adapt(said);
      run.likelihoods = [...run.likelihoods, ...placed(likelihoods)];
      const rest = remainderAt({ ...run, wholeLines: 0 }, run.asked);
      const presenter = presenters.at(run.asked, run.isManual);
      const shown = presenter.present(rest?.text ?? "", false);
      // Where its first line is not likely enough, no more of it will be shown.
      if (typeof shown !== "string" && (shown.isWhole || this.#isHeldBack(rest!, presenter, run.isManual))) run.abort.abort();
      this.#progress();
    };
    const place = { ...run.place, prefix: run.place.prefix + base };
    const result = await complete(place, maxLines, signal, onText);
    const lateMs = clock.now() - start;
    if (isTimed && wasRead && (firstTextMs !== undefined || result.text !== "")) debounce.add(firstTextMs ?? lateMs);
    else if (isTimed && wasRead && signal.aborted) debounce.tooLate(lateMs);
    onResult?.(place, result, firstTextMs);
    said = result.text;
    run.text = base + adapt(said);
    run.likelihoods = [...knownBefore, ...placed(result.likelihoods)];
    if (result.outcome !== "done") {
      this.#keep(run, 0);
      this.#takeUp(run);
      return false;
    }
    const isCutOff = result.tokens >= maxTokens();
    if (isCutOff) {
      const rest = restOf(run, run.asked) ?? "";
      run.text = run.text.slice(0, run.text.length - rest.length) + withoutLastOfManyLines(rest);
    }
    // The engine does not say whether it came to its end in the last line that it was to write.
    const isOfAllLines = !isCutOff && lineEndsIn(result.text) + 1 === maxLines;
    const wholeLines = isOfAllLines ? lineEndsIn(base) + maxLines : Infinity;
    this.#keep(run, wholeLines);
    const rest = remainderAt({ ...run, wholeLines }, run.asked);
    return !signal.aborted && rest !== undefined && !isEnough(rest, presenters.at(run.asked, run.isManual));
  }

  /** A pass that was begun is not broken off: what it still said of an earlier place may be what was typed since, and more. */
  #takeUp(ended: Run): void {
    const run = this.#run;
    if (run === undefined || run === ended || run.text !== "" || this.#options.store.find(run.asked) === undefined) return;
    this.cancel();
    this.ask(run.asked, run.isManual);
    this.#progress();
  }

  #isRead(place: Place): boolean {
    return this.#readAt !== undefined && isNearPlace(this.#readAt, place);
  }

  #keep({ place, text, likelihoods, standing }: Run, wholeLines: number): void {
    this.#options.store.put({ place, text, likelihoods, standing, wholeLines });
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

function isOnTheWay(run: Run, place: Place): boolean {
  return isSamePlace(run.place, place) || restOf(run, place) !== undefined;
}

/** Whether a text is all that there is for a place. */
function isAll({ text, wholeLines }: Remainder, presenter: Presenter): boolean {
  return wholeLines >= presenter.mostLines(text);
}

/** Whether more text from the engine would change nothing of what is shown. */
function isEnough(known: Remainder, presenter: Presenter): boolean {
  if (isAll(known, presenter)) return true;
  const shown = presenter.present(known.text, false);
  return typeof shown !== "string" && shown.isWhole;
}

/** While text comes, its first line grows, and each other one is shown once it is there: a limit of tokens could fall within it. */
function withoutHalfLine(shown: Presentable, text: string): Presentable {
  const isLineEnded = /^[ \t\r]*\n/.test(text.replaceAll("\r\n", "\n").slice(shown.text.length));
  return shown.isWhole || isLineEnded ? shown : { ...shown, text: withoutLastOfManyLines(shown.text) };
}

/** A limit can fall within a line, and half a line below whole ones is worse than none. */
function withoutLastOfManyLines(text: string): string {
  const whole = text.replace(/\r?\n[^\n]*$/, "");
  return whole.trim() === "" ? text : whole;
}
