import type * as vscode from "vscode";
import type { Acceptances } from "./acceptances.js";
import { AdaptiveDebounce } from "../suggest/adaptiveDebounce.js";
import { alternatives } from "../suggest/alternatives.js";
import { barAt } from "../suggest/verdict.js";
import { BaselineMeter } from "../measure/baselineMeter.js";
import type { BatteryWatch } from "../machine/batteryWatch.js";
import { InlineCompletions } from "./inlineCompletions.js";
import type { ConfiguredEngine } from "./configuredEngine.js";
import type { LatestRefusals } from "../suggest/latestRefusals.js";
import type { Refusals } from "./refusals.js";
import type { Settings } from "./settings.js";
import type { SpeedRecord } from "../measure/speedRecord.js";
import type { StatusItem } from "./statusItem.js";
import { ReadAhead } from "./readAhead.js";
import { Presenters } from "../suggest/presenter.js";
import { ReadingAhead } from "../suggest/readingAhead.js";
import { Suggester } from "../suggest/suggester.js";
import { SuggestionStore } from "../suggest/suggestionStore.js";
import { SERVER_DECODER } from "../protocol/serverDecoder.js";
import { systemClock } from "../machine/systemClock.js";

export interface SuggestionParts {
  readonly extensionId: string;
  readonly settings: Settings;
  readonly engine: ConfiguredEngine;
  readonly battery: BatteryWatch;
  readonly refusals: Refusals;
  readonly noted: LatestRefusals;
  readonly speeds: SpeedRecord;
  /** Of texts that a team's server wrote. */
  readonly serverSpeeds: SpeedRecord;
  readonly acceptances: Acceptances;
  readonly status: StatusItem;
  readonly log: vscode.LogOutputChannel;
  /** Called with each text that the engine wrote. */
  readonly onSuggested: () => void;
}

/** Inline suggestions from the engine, and what is learned from them: speeds, and why there was none. */
export class Suggestions implements vscode.Disposable {
  readonly #parts: SuggestionParts;
  readonly #store = new SuggestionStore();
  readonly #presenters = new Presenters();
  readonly #suggester: Suggester;
  readonly #baseline: BaselineMeter<AbortSignal>;
  readonly #completions: InlineCompletions;
  readonly #reading: ReadingAhead;
  readonly #readAhead: ReadAhead;
  readonly #listener: vscode.Disposable;

  constructor(parts: SuggestionParts) {
    this.#parts = parts;
    const { extensionId, settings, engine, battery, refusals, speeds, status } = parts;
    const { requests, life } = engine;
    this.#baseline = new BaselineMeter({
      record: speeds,
      decode: (...args) => engine.localRequests.decode(...args),
      isWanted: () => settings.get("measureBaseline") && !battery.isOnBattery && !engine.server.isUp && life.state === "ready",
      onPair: () => status.changed(),
      newAbort: () => new AbortController(),
      after: (ms, job) => {
        const timer = setTimeout(job, ms).unref();
        return () => clearTimeout(timer);
      },
    });
    this.#reading = new ReadingAhead({
      clock: systemClock,
      read: async (place, signal) => {
        this.#baseline.activity();
        return (await requests.readAhead(place, signal)).outcome === "done";
      },
    });
    this.#suggester = this.#makeSuggester();
    this.#completions = new InlineCompletions({
      extensionId,
      suggester: this.#suggester,
      store: this.#store,
      acceptances: parts.acceptances,
      alternatives: (place, signal) => alternatives((...args) => requests.sample(...args), this.#presenters, place, signal),
      refusal: (document, isManual) => refusals.of(document, isManual),
      onRefusal: (document, position, text) => this.#noteRefusal(document, position, text),
      onActivity: () => {
        status.activity();
        this.#baseline.activity();
      },
    });
    this.#readAhead = new ReadAhead({
      reading: this.#reading,
      isIdle: () => engine.state === "ready" && !this.#suggester.isRunning,
      refusal: (document) => refusals.of(document, false),
      isOpen: (place) => this.#presenters.at(place, false).isOpen,
    });
    // A text found under other settings, or by another model, is not what would be found now.
    this.#listener = settings.onDidChange(() => this.#store.clear());
  }

  dispose(): void {
    this.#listener.dispose();
    this.#readAhead.dispose();
    this.#completions.dispose();
    this.#baseline.dispose();
  }

  #makeSuggester(): Suggester {
    const { settings, engine, speeds, serverSpeeds, status, log, onSuggested } = this.#parts;
    return new Suggester({
      complete: (place, ...rest) => {
        this.#reading.asked(place);
        return engine.requests.complete(place, ...rest);
      },
      store: this.#store,
      presenters: this.#presenters,
      debounce: new AdaptiveDebounce(),
      clock: systemClock,
      maxTokens: () => settings.get("maxTokens"),
      bar: (kind) => barAt(settings.get("suggestions.appear"), kind, engine.verifier?.suggestionBars),
      isWarm: () => engine.state === "ready",
      onProgress: () => this.#completions.progressed(),
      onResult: (place, result, firstTextMs) => {
        const isOfServer = result.decoder === SERVER_DECODER;
        if (result.tokens > 0) {
          (isOfServer ? serverSpeeds : speeds).addCompletion(result, firstTextMs);
          if (!isOfServer) onSuggested();
        }
        if (!isOfServer) this.#baseline.completed(place, result);
        status.changed();
        log.debug(`completion: ${result.outcome}, ${result.tokens} tokens, ${Math.round(result.ms)} ms, blocks ${result.blocks.join(" ")}`);
      },
      onFailure: (error) => log.error(`completion: ${String(error)}`),
    });
  }

  #noteRefusal(document: vscode.TextDocument, position: vscode.Position, text: string): void {
    this.#parts.noted.add({ atMs: Date.now(), file: document.uri.path, line: position.line + 1, text });
    this.#parts.log.debug(`nothing shown at line ${position.line + 1}: ${text}`);
  }
}
