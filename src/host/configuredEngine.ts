import os from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { LacunaError } from "../protocol/errors.js";
import type { LoadedModel, RelatedText } from "../protocol/messages.js";
import { EngineLife, type EngineState, type Writer } from "../client/engineLife.js";
import { MemoryWatch } from "../client/memoryWatch.js";
import { EditorRequests } from "../client/editorRequests.js";
import { onCommand } from "./onCommand.js";
import { SafeDevice } from "../client/safeDevice.js";
import { FillEngine } from "./fillEngine.js";
import type { Settings } from "./settings.js";
import type { CommandId } from "../contributions/commandTable.js";
import { settingPath, type PathSources } from "../contributions/settingPath.js";
import { SETTINGS, type SettingKey } from "../contributions/settingsTable.js";
import { ServerFirst } from "../client/serverFirst.js";
import { startEngine } from "../client/startEngine.js";
import { deviceVariables } from "../models/cudaProvider.js";
import { thisMachine } from "../models/machine.js";
import { isSameFolder } from "../models/sameFolder.js";
import { asLabel } from "../view/asLabel.js";
import { TeamServer } from "./teamServer.js";

const MINUTE_MS = 60_000;
const GROWTH = 1.5;
const CHOOSE_MODEL: CommandId = "lacuna.models";

export interface ConfiguredEngineOptions {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
  /** Pieces of other files for the document at an address. */
  readonly related: (uri: string) => Promise<readonly RelatedText[]>;
  /** Called at each change of the engine's state. */
  readonly onState: () => void;
}

/**
 * Who writes, as the settings want it: the engine of this machine, and before it a team's server if one is named; `lacuna.restartEngine`,
 * and the message when the engine does not run.
 */
export class ConfiguredEngine implements vscode.Disposable {
  readonly life: EngineLife;
  readonly memory: MemoryWatch;
  /** What is asked while somebody writes. */
  readonly requests: EditorRequests;
  /** What the models of this machine are asked in any case: measures of them. */
  readonly localRequests: EditorRequests;
  /** Who is asked for fills. */
  readonly fillRequests: EditorRequests;
  readonly fills: FillEngine;
  readonly server: TeamServer;
  readonly #options: ConfiguredEngineOptions;
  readonly #device: SafeDevice;
  readonly #parts: vscode.Disposable;

  constructor(options: ConfiguredEngineOptions) {
    this.#options = options;
    const { context, settings, log } = options;
    this.#device = new SafeDevice(context.globalState, String((context.extension.packageJSON as { version: string }).version));
    this.life = new EngineLife({
      start: () => this.#start(this.modelsFolder),
      idleMs: () => settings.get("engine.idleMinutes") * MINUTE_MS,
      onState: (state) => this.#stateChanged(state),
      onLost: ({ code }, loaded) => {
        const isSuspect =
          code === "engineDied" &&
          settings.get("engine.device") === "auto" &&
          this.#device.died(loaded?.models.find(({ device }) => device !== "cpu")?.device);
        if (isSuspect) log.warn("engine: from now on it runs on the processor; Restart Engine lets it try the accelerators again");
      },
      log: (line) => log.info(line),
    });
    this.memory = new MemoryWatch({
      atRest: () => {
        const { started, isBusy } = this.life;
        return started === undefined || isBusy ? undefined : { pid: started.engine.identity.pid, loadedBytes: started.loaded.residentBytes };
      },
      limitBytes: () => this.#memoryLimitBytes(),
      onExcess: (bytes) => {
        log.warn(`engine: unloaded, because it held ${bytes} bytes`);
        void this.life.replaceAtRest();
      },
      onTooTight: ({ loadedBytes }) => this.#warnTooTight(loadedBytes),
    });
    this.server = new TeamServer({ context, settings, log, onState: options.onState });
    const writers = new ServerFirst({
      server: this.server.life,
      local: this.life,
      isWanted: () => this.server.isWanted,
      onLocal: ({ message }) => log.info(`server: the models of this machine write. ${message}`),
    });
    const common = { maxTokens: () => settings.get("maxTokens"), related: options.related, onEnd: () => void this.memory.requestEnded() };
    this.requests = new EditorRequests(writers, common);
    this.localRequests = new EditorRequests(this.life, common);
    this.fills = new FillEngine({
      folder: () => (this.server.isWanted ? "" : this.fillFolder),
      start: (folder) => this.#start(folder),
      others: writers,
      idleMs: () => settings.get("engine.idleMinutes") * MINUTE_MS,
      onState: options.onState,
      log: (line) => log.info(line),
    });
    this.fillRequests = new EditorRequests(this.fills.writers, common);
    this.#parts = vscode.Disposable.from(
      this.server,
      onCommand("lacuna.restartEngine", () => this.#restart()),
      settings.onDidChange((keys) => {
        if (keys.some(needsNewEngine) || keys.includes("fill.modelsPath")) void this.fills.life.reset();
        if (keys.some(needsNewEngine)) void this.life.reset();
        else if (keys.includes("engine.idleMinutes")) this.life.idleTimeChanged();
      }),
    );
  }

  /** Folder of the models that the settings name, or of those that come with the extension. */
  get modelsFolder(): string {
    const named = this.#folderOf("modelsPath");
    return named === "" ? this.#options.context.asAbsolutePath("models") : named;
  }

  /** Folder of the model that fills holes; "" where it is the one that writes everything else. */
  get fillFolder(): string {
    const named = this.#folderOf("fill.modelsPath");
    return named !== "" && isSameFolder(named, this.modelsFolder) ? "" : named;
  }

  /** How it stands with who writes: a server that answers is ready, whatever the engine is. */
  get state(): EngineState {
    return this.server.isUp ? "ready" : this.life.state;
  }

  /** Why the engine is not running, where that keeps texts from being written. */
  get failure(): LacunaError | undefined {
    return this.life.failure;
  }

  /** Name of the model that writes; undefined while it is not known. */
  get modelName(): string | undefined {
    return this.server.isUp ? this.server.state?.model : this.verifier?.name;
  }

  /** The model of this machine that decides every token; undefined while no engine runs, and while a server writes. */
  get verifier(): LoadedModel | undefined {
    if (this.server.isUp) return undefined;
    return this.life.started?.loaded.models.find(({ role }) => role === "verifier");
  }

  /** What the engine holds; undefined while none runs. */
  get memoryBytes(): number | undefined {
    const started = this.life.started?.loaded.residentBytes;
    return started === undefined ? undefined : (this.memory.bytes ?? started);
  }

  /**
   * Has the engine run the models of a folder from now on, also after a restart of the editor. What does not run is told.
   *
   * @param folder "" for those that come with the extension
   * @throws LacunaError `unreadableFile` when the settings cannot be written
   */
  async useModels(folder: string): Promise<void> {
    await this.#choose("modelsPath", folder);
    await this.life.restart().catch((error: unknown) => this.#options.log.error(`restart: ${String(error)}`));
  }

  /** Has holes filled by the model of a folder from now on. @param folder "" for the one that writes everything else. @throws as `useModels` */
  async fillWith(folder: string): Promise<void> {
    await this.#choose("fill.modelsPath", folder);
  }

  /** Runs a job with the models of a folder: on the engine that has them, else on one that is started for it alone. @throws LacunaError */
  async useFolder<T>(folder: string, job: (writer: Writer) => Promise<T>): Promise<T> {
    if (isSameFolder(folder, this.modelsFolder)) return this.life.use(job);
    const { engine } = await this.#start(folder, false);
    try {
      return await job(engine);
    } finally {
      await engine.dispose();
    }
  }

  dispose(): void {
    this.#parts.dispose();
    this.fills.life.dispose();
    this.life.dispose();
  }

  #folderOf(key: "modelsPath" | "fill.modelsPath"): string {
    return settingPath(this.#options.settings.get(key), pathSources());
  }

  async #choose(key: "modelsPath" | "fill.modelsPath", folder: string): Promise<void> {
    const { settings } = this.#options;
    try {
      await (folder === "" ? settings.reset(key) : settings.set(key, folder));
    } catch (cause) {
      const sentence = `The choice of a model cannot be written to the settings: ${String(cause)}`;
      throw new LacunaError("unreadableFile", sentence, "Mend the settings file, then choose again.", cause);
    }
  }

  async #start(folder: string, isShared = true): ReturnType<typeof startEngine> {
    const { context, settings, log } = this.#options;
    const distDir = context.asAbsolutePath("dist");
    return startEngine({
      enginePath: path.join(distDir, "engine.js"),
      variables: await deviceVariables(thisMachine(process.env), distDir),
      modelsDir: folder,
      threads: settings.get("engine.threads"),
      device: this.#device.choose(settings.get("engine.device")),
      stateDir: context.globalStorageUri.fsPath,
      isShared,
      onDeviceLost: this.#options.onState,
      log: (line) => log.info(line),
    });
  }

  #stateChanged(state: EngineState): void {
    const { onState, log } = this.#options;
    onState();
    if (state !== "failed") return;
    const { code, message, remedy } = this.life.failure!;
    log.error(`engine: ${message} ${remedy}`);
    const text = code === "engineDied" ? `Lacuna's engine ended again and again. ${message}` : `${message} ${remedy}`;
    void vscode.window.showErrorMessage(asLabel(text), "Restart Engine", "Choose a Model", "Show Log").then((choice) => {
      if (choice === "Restart Engine") void this.#restart();
      if (choice === "Choose a Model") void vscode.commands.executeCommand(CHOOSE_MODEL);
      if (choice === "Show Log") log.show();
    });
  }

  /** Where a person has given no limit, a model that they have chosen is no excess: it may grow by half. */
  #memoryLimitBytes(): number {
    const { settings } = this.#options;
    const limitBytes = settings.get("engine.memoryLimitMB") * 1e6;
    if (settings.isGiven("engine.memoryLimitMB")) return limitBytes;
    return Math.max(limitBytes, GROWTH * (this.life.started?.loaded.residentBytes ?? 0));
  }

  #warnTooTight(loadedBytes: number): void {
    const { settings, log } = this.#options;
    const limit = settings.get("engine.memoryLimitMB");
    const text = `The models take ${Math.ceil(loadedBytes / 1e6)} MB, and lacuna.engine.memoryLimitMB is ${limit}: the limit is not kept.`;
    log.warn(`engine: ${text}`);
    void vscode.window.showWarningMessage(text, "Open Settings").then((choice) => {
      if (choice === "Open Settings") void vscode.commands.executeCommand("workbench.action.openSettings", "lacuna.engine.memoryLimitMB");
    });
  }

  async #restart(): Promise<void> {
    try {
      this.#device.forget();
      await this.server.life.reset();
      await this.life.restart();
      vscode.window.setStatusBarMessage("Lacuna: a new engine runs", 3000);
    } catch (error) {
      this.#options.log.error(`restart: ${String(error)}`);
    }
  }
}

function pathSources(): PathSources {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return {
    home: os.homedir(),
    // A folder that is not trusted chooses nothing, not even through a setting that leaves the choice to it.
    workspaceFolder: vscode.workspace.isTrusted ? folder?.uri.fsPath : undefined,
    variable: (name) => process.env[name],
    isAbsolute: path.isAbsolute,
    join: path.join,
  };
}

function needsNewEngine(key: SettingKey): boolean {
  return (SETTINGS[key] as { readonly restartsEngine?: boolean }).restartsEngine === true;
}
