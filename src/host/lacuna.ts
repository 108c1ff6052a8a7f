import path from "node:path";
import * as vscode from "vscode";
import { AdaptiveDebounce } from "./adaptiveDebounce.js";
import { alternatives } from "./alternatives.js";
import { BaselineMeter } from "./baselineMeter.js";
import { isOnBattery } from "./battery.js";
import { registerDiagnostics } from "./diagnostics.js";
import { EngineHost, type EngineState } from "./engineHost.js";
import { EngineMemory } from "./engineMemory.js";
import { EngineRequests } from "./engineRequests.js";
import { registerFillMiddle } from "./fillMiddle.js";
import { ineligibilityOf } from "./ineligibilityOf.js";
import { InlineCompletions } from "./inlineCompletions.js";
import { registerMenu } from "./menu.js";
import { ReasonRing } from "./reasonRing.js";
import { Settings } from "./settings.js";
import { SETTINGS, type SettingKey } from "./settingsTable.js";
import { Snooze } from "./snooze.js";
import { SpeedRecord } from "./speedRecord.js";
import { startEngine } from "./startEngine.js";
import { StatusItem } from "./statusItem.js";
import type { StatusFacts } from "./statusView.js";
import { Suggester } from "./suggester.js";
import { SuggestionCache } from "./suggestionCache.js";
import { switchedOff } from "./switches.js";
import { registerToggles } from "./toggles.js";
import { registerWhyNothing } from "./whyNothing.js";

const MINUTE_MS = 60_000;
const BATTERY_EVERY_MS = MINUTE_MS;

/** The extension: its parts, and what each tells the others. */
export class Lacuna implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log = vscode.window.createOutputChannel("Lacuna", { log: true });
  readonly #settings = new Settings();
  readonly #reasons = new ReasonRing();
  readonly #speeds = new SpeedRecord();
  readonly #cache = new SuggestionCache();
  readonly #engine: EngineHost;
  readonly #memory: EngineMemory;
  readonly #requests: EngineRequests;
  readonly #snooze: Snooze;
  readonly #status: StatusItem;
  readonly #baseline: BaselineMeter;
  readonly #suggester: Suggester;
  readonly #completions: InlineCompletions;
  readonly #parts: vscode.Disposable;
  #isOnBattery = false;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
    this.#engine = this.#makeEngine();
    this.#memory = new EngineMemory({
      pid: () => this.#engine.started?.engine.identity.pid,
      limitBytes: () => this.#settings.get("engine.memoryLimitMB") * 1e6,
      onExcess: (bytes) => {
        this.#log.warn(`engine: unloaded, because it held ${bytes} bytes`);
        void this.#engine.unload();
      },
    });
    this.#requests = new EngineRequests(this.#engine, () => this.#settings.get("maxTokens"), () => void this.#memory.requestEnded());
    this.#snooze = new Snooze({ onChange: (isSnoozed) => this.#snoozed(isSnoozed) });
    this.#status = new StatusItem(() => this.#facts());
    this.#baseline = new BaselineMeter({
      record: this.#speeds,
      decode: (...args) => this.#requests.decode(...args),
      isWanted: () => this.#settings.get("measureBaseline") && !this.#isOnBattery && this.#engine.state === "ready",
      onPair: () => this.#status.changed(),
    });
    this.#suggester = this.#makeSuggester();
    this.#completions = new InlineCompletions({
      extensionId: context.extension.id,
      suggester: this.#suggester,
      alternatives: (place, signal) => alternatives((...args) => this.#requests.sample(...args), place, signal),
      refusal: (document, isManual) => this.#refusal(document, isManual),
      onNothing: (document, position, text) => this.#noteReason(document, position, text),
      onActivity: () => this.#activity(),
    });
    this.#parts = vscode.Disposable.from(...this.#register());
    this.#watchBattery();
  }

  dispose(): void {
    this.#parts.dispose();
    this.#completions.dispose();
    this.#baseline.dispose();
    this.#engine.dispose();
    this.#status.dispose();
    this.#snooze.dispose();
    this.#settings.dispose();
    this.#log.dispose();
  }

  #makeEngine(): EngineHost {
    const log = (line: string): void => this.#log.info(line);
    return new EngineHost({
      start: () => {
        const modelsPath = this.#settings.get("modelsPath");
        return startEngine({
          enginePath: this.#context.asAbsolutePath(path.join("dist", "engine.js")),
          modelsDir: modelsPath === "" ? this.#context.asAbsolutePath("models") : modelsPath,
          threads: this.#settings.get("engine.threads"),
          log,
        });
      },
      idleMs: () => this.#settings.get("engine.idleMinutes") * MINUTE_MS,
      onState: (state) => this.#engineState(state),
      log,
    });
  }

  #makeSuggester(): Suggester {
    return new Suggester({
      complete: (...args) => this.#requests.complete(...args),
      cache: this.#cache,
      debounce: new AdaptiveDebounce(),
      maxTokens: () => this.#settings.get("maxTokens"),
      onProgress: () => this.#completions.progressed(),
      onResult: (place, result, firstTextMs) => {
        if (result.tokens > 0) this.#speeds.addCompletion(result, firstTextMs);
        this.#baseline.completed(place, result);
        this.#status.changed();
        this.#log.debug(`completion: ${result.outcome}, ${result.tokens} tokens, ${Math.round(result.ms)} ms, blocks ${result.blocks.join(" ")}`);
      },
      onFailure: (error) => this.#log.error(`completion: ${String(error)}`),
    });
  }

  #register(): vscode.Disposable[] {
    return [
      registerFillMiddle(this.#requests),
      registerToggles(this.#settings),
      registerWhyNothing(this.#reasons, () => this.#refusalInFront()),
      registerMenu({ settings: this.#settings, isSnoozed: () => this.#snooze.untilMs > 0, endSnooze: () => this.#snooze.end() }),
      registerDiagnostics(() => this.#diagnostics()),
      vscode.commands.registerCommand("lacuna.showLog", () => this.#log.show()),
      vscode.commands.registerCommand("lacuna.restartEngine", () => this.#restart()),
      this.#settings.onDidChange((keys) => this.#settingsChanged(keys)),
      vscode.window.onDidChangeActiveTextEditor(() => this.#status.changed()),
    ];
  }

  #refusal(document: vscode.TextDocument, isManual: boolean): string | undefined {
    const state = {
      isEnabled: this.#settings.get("enabled"),
      isLanguageOn: this.#settings.isLanguageOn(document.languageId),
      isManualOnly: this.#settings.get("trigger") === "manual",
      snoozedUntilMs: this.#snooze.untilMs,
      isPaused: this.#isOnBattery && this.#settings.get("pauseOnBattery"),
    };
    if (this.#engine.state === "failed") return this.#engine.failure?.message;
    return switchedOff(state, isManual, Date.now());
  }

  #refusalInFront(): string | undefined {
    const document = vscode.window.activeTextEditor?.document;
    return document === undefined ? undefined : (ineligibilityOf(document) ?? this.#refusal(document, false));
  }

  #activity(): void {
    this.#status.activity();
    this.#baseline.activity();
  }

  #noteReason(document: vscode.TextDocument, position: vscode.Position, text: string): void {
    this.#reasons.add({ atMs: Date.now(), file: document.uri.path, line: position.line + 1, text });
    this.#log.debug(`nothing shown at line ${position.line + 1}: ${text}`);
  }

  #engineState(state: EngineState): void {
    this.#status.changed();
    if (state !== "failed") return;
    const { message, remedy } = this.#engine.failure!;
    this.#log.error(`engine: ${message} ${remedy}`);
    void vscode.window.showErrorMessage(`Lacuna's engine ended again and again. ${message}`, "Restart Engine", "Show Log").then((choice) => {
      if (choice === "Restart Engine") void this.#restart();
      if (choice === "Show Log") this.#log.show();
    });
  }

  async #restart(): Promise<void> {
    try {
      await this.#engine.restart();
      vscode.window.setStatusBarMessage("Lacuna: a new engine runs", 3000);
    } catch (error) {
      this.#log.error(`restart: ${String(error)}`);
    }
  }

  #snoozed(isSnoozed: boolean): void {
    if (isSnoozed) void this.#engine.unload();
    this.#status.changed();
  }

  #settingsChanged(keys: readonly SettingKey[]): void {
    const isRestart = keys.some((key) => (SETTINGS[key] as { readonly restartsEngine?: boolean }).restartsEngine === true);
    this.#cache.clear();
    if (isRestart) void this.#engine.unload();
    this.#status.changed();
  }

  #watchBattery(): void {
    const look = async (): Promise<void> => {
      const isNow = this.#settings.get("pauseOnBattery") && (await isOnBattery());
      if (isNow !== this.#isOnBattery) this.#status.changed();
      this.#isOnBattery = isNow;
    };
    void look();
    const timer = setInterval(() => void look(), BATTERY_EVERY_MS);
    this.#context.subscriptions.push({ dispose: () => clearInterval(timer) });
  }

  #facts(): StatusFacts {
    const loaded = this.#engine.started?.loaded;
    const { remoteName } = vscode.env;
    return {
      engine: this.#engine.state,
      refusal: this.#refusalInFront(),
      failure: this.#engine.failure === undefined ? undefined : `${this.#engine.failure.message} ${this.#engine.failure.remedy}`,
      speeds: this.#speeds.speeds,
      device: loaded === undefined ? undefined : `${loaded.device}, ${loaded.threads} threads`,
      place: remoteName === undefined ? undefined : `on the remote machine (${remoteName})`,
      models: loaded?.models ?? [],
      memoryBytes: this.#memory.bytes ?? loaded?.residentBytes,
    };
  }

  #diagnostics(): Parameters<typeof registerDiagnostics>[0] extends () => infer F ? F : never {
    const changed = (Object.keys(SETTINGS) as SettingKey[]).filter((key) => this.#settings.get(key) !== SETTINGS[key].default);
    const identity = this.#engine.started?.engine.identity;
    return {
      version: String((this.#context.extension.packageJSON as { version: string }).version),
      editor: `${vscode.env.appName} ${vscode.version}`,
      platform: `${process.platform}-${process.arch}`,
      status: this.#facts(),
      engine: identity === undefined ? undefined : `version ${identity.engineVersion}, runtime ${identity.runtimeVersion}`,
      // A path may hold a name.
      settings: Object.fromEntries(changed.map((key) => [key, key === "modelsPath" ? "(set)" : this.#settings.get(key)])),
      reasons: this.#reasons.latest,
    };
  }
}
