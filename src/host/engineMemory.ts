import { residentBytes } from "./residentBytes.js";

const MEASURE_EVERY_MS = 20_000;

export interface EngineMemoryOptions {
  /** The engine's process now. */
  readonly pid: () => number | undefined;
  readonly limitBytes: () => number;
  /** Called, with what it holds, when the engine holds more than the limit. */
  readonly onExcess: (bytes: number) => void;
  /** Default: what the system says. */
  readonly measure?: (pid: number) => Promise<number | undefined>;
}

/** Watches what the engine holds, after requests and not oftener than every 20 s: an engine at rest does not grow. */
export class EngineMemory {
  readonly #options: EngineMemoryOptions;
  #measuredAtMs = -Infinity;
  #bytes: number | undefined;

  constructor(options: EngineMemoryOptions) {
    this.#options = options;
  }

  /** As last measured. */
  get bytes(): number | undefined {
    return this.#bytes;
  }

  /** A request has ended. */
  async requestEnded(): Promise<void> {
    const pid = this.#options.pid();
    if (pid === undefined || performance.now() - this.#measuredAtMs < MEASURE_EVERY_MS) return;
    this.#measuredAtMs = performance.now();
    this.#bytes = await (this.#options.measure ?? residentBytes)(pid);
    if (this.#bytes !== undefined && this.#bytes > this.#options.limitBytes()) this.#options.onExcess(this.#bytes);
  }
}
