import { residentBytes } from "../machine/residentBytes.js";

const MEASURE_EVERY_MS = 20_000;
/** What an engine holds beyond its models while it works, at least, as a factor. */
const WORKING_ROOM = 1.1;

export interface WatchedEngine {
  readonly pid: number;
  /** What it held once its models were loaded. */
  readonly loadedBytes: number;
}

export interface MemoryWatchOptions {
  /** The engine now, when nothing runs on it; one that works is not disturbed. */
  readonly atRest: () => WatchedEngine | undefined;
  readonly limitBytes: () => number;
  /** Called, with what it holds, when the engine holds more than the limit. */
  readonly onExcess: (bytes: number) => void;
  /** Called once for an engine whose models alone take the limit: a new one would hold as much. */
  readonly onTooTight: (engine: WatchedEngine) => void;
  /** Default: what the system says. */
  readonly measure?: (pid: number) => Promise<number | undefined>;
}

/** Watches what the engine holds, after requests and not oftener than every 20 s: an engine at rest does not grow. */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  #measuredAtMs = -Infinity;
  #bytes: number | undefined;
  #tooTight: number | undefined;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
  }

  /** As last measured. */
  get bytes(): number | undefined {
    return this.#bytes;
  }

  /** A request has ended. */
  async requestEnded(): Promise<void> {
    const { atRest, limitBytes, measure = residentBytes, onExcess } = this.#options;
    const engine = atRest();
    if (engine === undefined || performance.now() - this.#measuredAtMs < MEASURE_EVERY_MS) return;
    this.#measuredAtMs = performance.now();
    this.#bytes = await measure(engine.pid);
    if (this.#bytes === undefined || this.#bytes <= limitBytes()) return;
    if (engine.loadedBytes * WORKING_ROOM > limitBytes()) this.#tellTooTight(engine);
    else if (atRest()?.pid === engine.pid) onExcess(this.#bytes);
  }

  #tellTooTight(engine: WatchedEngine): void {
    if (this.#tooTight === engine.pid) return;
    this.#tooTight = engine.pid;
    this.#options.onTooTight(engine);
  }
}
