import { EngineClient } from "../client/engineClient.js";

/** Where an engine and its models lie. */
export interface EngineLocation {
  readonly enginePath: string;
  readonly modelsDir: string;
}

/** Starts the engine when it is first needed, and a new one after it died. */
export class EngineHost {
  readonly #location: EngineLocation;
  #engine: Promise<EngineClient> | undefined;

  constructor(location: EngineLocation) {
    this.#location = location;
  }

  /** An engine with models loaded. @throws LacunaError when it cannot be started or the models cannot be loaded */
  ready(): Promise<EngineClient> {
    if (this.#engine !== undefined) return this.#engine;
    const starting = this.#start();
    this.#engine = starting;
    const forget = (): void => {
      if (this.#engine === starting) this.#engine = undefined;
    };
    starting.then((engine) => engine.died.then(forget), forget);
    return starting;
  }

  dispose(): void {
    this.#engine?.then(
      (engine) => engine.dispose(),
      () => {},
    );
    this.#engine = undefined;
  }

  async #start(): Promise<EngineClient> {
    const { enginePath, modelsDir } = this.#location;
    const engine = await EngineClient.start({ enginePath });
    try {
      await engine.load({ modelsDir, threads: 0 });
      return engine;
    } catch (error) {
      await engine.dispose();
      throw error;
    }
  }
}
