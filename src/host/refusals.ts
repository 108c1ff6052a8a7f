import * as vscode from "vscode";
import type { BatteryWatch } from "../machine/batteryWatch.js";
import type { ConfiguredEngine } from "./configuredEngine.js";
import { documentRefusalOf } from "./documentRefusalOf.js";
import type { Settings } from "./settings.js";
import type { Snooze } from "./snooze.js";
import { switchRefusal } from "../suggest/switches.js";

export interface RefusalSources {
  readonly settings: Settings;
  readonly snooze: Pick<Snooze, "untilMs">;
  readonly battery: Pick<BatteryWatch, "isOnBattery">;
  readonly engine: Pick<ConfiguredEngine, "state" | "failure">;
}

/** Why nothing is suggested: the document, the switches, the engine. */
export class Refusals {
  readonly #sources: RefusalSources;

  constructor(sources: RefusalSources) {
    this.#sources = sources;
  }

  /** Why nothing is suggested in a document now; undefined when something may be. @param isManual whether a person asked for it */
  of(document: vscode.TextDocument, isManual: boolean): string | undefined {
    const { settings, snooze, battery, engine } = this.#sources;
    const documentRefusal = documentRefusalOf(document);
    if (documentRefusal !== undefined) return documentRefusal;
    if (engine.state === "failed") return engine.failure?.message;
    const state = {
      isShown: settings.areSuggestionsShown(document),
      isEnabled: settings.get("enabled"),
      isLanguageOn: settings.isLanguageOn(document.languageId),
      isManualOnly: settings.get("trigger") === "manual",
      snoozedUntilMs: snooze.untilMs,
      isPaused: battery.isOnBattery && settings.get("pauseOnBattery"),
    };
    return switchRefusal(state, isManual, Date.now());
  }

  /** The same for the document in front. */
  inFront(): string | undefined {
    const document = vscode.window.activeTextEditor?.document;
    return document === undefined ? undefined : this.of(document, false);
  }
}
