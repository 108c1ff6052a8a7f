import type { EngineClient } from "./engineClient.js";
import { LacunaError } from "../protocol/errors.js";
import type { LoadResult } from "../protocol/messages.js";
import { RestartPolicy } from "./restartPolicy.js";

/** Who writes texts. */
export type Writer = Pick<EngineClient, "complete" | "infill" | "readAhead">;

/** Lends who writes texts for the time of a job. */
export interface Writers {
  use<T>(job: (writer: Writer) => Promise<T>): Promise<T>;
}

/** What the host uses of an engine client. */
export type Engine = Writer & Pick<EngineClient, "identity" | "died" | "dispose" | "retire">;

/** An engine with its models loaded. */
export interface StartedEngine {
  readonly engine: Engine;
  /** As it stands now. */
  readonly loaded: LoadResult;
}

/** `idle`: not started, or unloaded. `failed`: it died too often and is started again only when asked. */
export type EngineState = "idle" | "starting" | "ready" | "failed";

export interface EngineLifeOptions {
  /** Starts an engine and loads its models. @param isCurrent whether it is still wanted: false once it was left for another @throws LacunaError */
  readonly start: (isCurrent: () => boolean) => Promise<StartedEngine>;
  /** How long an engine may rest before it is unloaded, in ms; 0 for ever. */
  readonly idleMs: () => number;
  /** Called at each change of `state`. */
  readonly onState?: (state: EngineState) => void;
  /** Called when an engine is lost that nobody ended. @param loaded what it had loaded, undefined when it had not come that far */
  readonly onLost?: (error: LacunaError, loaded: LoadResult | undefined) => void;
  readonly log?: (line: string) => void;
  /** A clock in ms; default the process's own. */
  readonly now?: () => number;
}

/** Starts the engine when it is first needed, a new one after it died, and unloads it when nothing was asked of it for long. */
export class EngineLife {
  readonly #options: EngineLifeOptions;
  readonly #policy: RestartPolicy;
  #state: EngineState = "idle";
  #engine: Promise<StartedEngine> | undefined;
  #started: StartedEngine | undefined;
  #failure: LacunaError | undefined;
  #running = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #restsSinceMs = 0;

  constructor(options: EngineLifeOptions) {
    this.#options = options;
    this.#policy = new RestartPolicy(options.now ?? (() => performance.now()));
  }

  get state(): EngineState {
    return this.#state;
  }

  /** The engine that runs now. */
  get started(): StartedEngine | undefined {
    return this.#started;
  }

  /** Why the last engine is gone, if it did not go in peace. */
  get failure(): LacunaError | undefined {
    return this.#failure;
  }

  get isBusy(): boolean {
    return this.#running > 0;
  }

  /**
   * Runs a job on an engine with models loaded, which is not unloaded before the job ends.
   *
   * @throws LacunaError when the engine cannot be started, died too often or dies during the job
   */
  async use<T>(job: (engine: Engine) => Promise<T>): Promise<T> {
    this.#running += 1;
    clearTimeout(this.#idleTimer);
    try {
      const { engine } = await this.#ready();
      return await job(engine);
    } finally {
      this.#running -= 1;
      this.#restsSinceMs = performance.now();
      this.idleTimeChanged();
    }
  }

  /** `idleMs` says something else: an engine that rests longer than that goes at once. */
  idleTimeChanged(): void {
    clearTimeout(this.#idleTimer);
    const idleMs = this.#options.idleMs();
    if (this.#running > 0 || this.#engine === undefined || idleMs <= 0) return;
    const unload = (): void => {
      this.#options.log?.("engine: unloaded, because nothing was asked of it");
      void this.unload();
    };
    this.#idleTimer = setTimeout(unload, Math.max(0, this.#restsSinceMs + idleMs - performance.now()));
    this.#idleTimer.unref();
  }

  /**
   * Leaves the engine, which ends if nobody else uses it; the next job starts one again.
   *
   * @param leave how it is left
   */
  async unload(leave = (engine: Engine): Promise<void> => engine.dispose()): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#started = undefined;
    clearTimeout(this.#idleTimer);
    if (this.#state !== "failed") this.#setState("idle");
    const started = await engine?.catch(() => undefined);
    if (started !== undefined) await leave(started.engine);
  }

  /** Leaves the engine, and has it end for others too if it is at rest; the next job starts a new one. */
  replaceAtRest(): Promise<void> {
    return this.unload((engine) => engine.retire(false));
  }

  /** Leaves the engine and forgets earlier deaths: what made them may be gone. @param leave how it is left */
  async reset(leave?: (engine: Engine) => Promise<void>): Promise<void> {
    // An engine that is asked for while the old one ends is a new one already.
    const unloaded = this.unload(leave);
    this.#policy.reset();
    this.#failure = undefined;
    if (this.#state === "failed") this.#setState("idle");
    await unloaded;
  }

  /** Forgets earlier deaths and starts a new engine; the old one ends, for others too. @throws LacunaError */
  async restart(): Promise<void> {
    await this.reset((engine) => engine.retire(true));
    await this.use(() => Promise.resolve());
  }

  dispose(): void {
    void this.unload();
  }

  #ready(): Promise<StartedEngine> {
    if (this.#engine !== undefined) return this.#engine;
    const starting = this.#start(() => this.#engine === starting);
    this.#engine = starting;
    return starting;
  }

  async #start(isCurrent: () => boolean): Promise<StartedEngine> {
    const { waitMs } = this.#policy;
    // Asynchronous from the first statement on, so that `isCurrent` is asked after the promise is known.
    await new Promise((resolve) => setTimeout(resolve, waitMs ?? 0));
    if (waitMs === undefined) {
      this.#engine = undefined;
      throw this.#failure!;
    }
    if (isCurrent()) this.#setState("starting");
    try {
      const started = await this.#options.start(isCurrent);
      void started.engine.died.then((error) => {
        if (isCurrent()) this.#lost(error);
      });
      if (isCurrent()) {
        this.#started = started;
        this.#setState("ready");
      }
      return started;
    } catch (error) {
      if (!(error instanceof LacunaError)) throw error;
      if (isCurrent()) this.#lost(error);
      throw error;
    }
  }

  #lost(error: LacunaError): void {
    const loaded = this.#started?.loaded;
    this.#engine = undefined;
    this.#started = undefined;
    if (error.code === "engineReplaced") {
      this.#setState("idle");
      return;
    }
    this.#failure = error;
    // What is wrong with files or settings is as wrong the next time.
    if (error.code === "engineDied") this.#policy.died();
    else this.#policy.giveUp();
    this.#options.onLost?.(error, loaded);
    this.#options.log?.(`${error.message} ${error.remedy}`);
    this.#setState(this.#policy.waitMs === undefined ? "failed" : "idle");
  }

  #setState(state: EngineState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.log?.(`engine: ${state}`);
    this.#options.onState?.(state);
  }
}
