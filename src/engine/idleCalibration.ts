import type { Pair } from "./models/pair.js";
import type { RequestQueue } from "./requestQueue.js";

/** So long nothing must have been asked before measuring begins or goes on. */
const QUIET_MS = 300;

/** Calibrates between requests: one pass at a time, in the queue like everything else, and only while nobody waits. */
export class IdleCalibration {
  readonly #queue: RequestQueue;
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: RequestQueue) {
    this.#queue = queue;
  }

  /** To be called when a request has ended: measuring begins if none follows soon. */
  afterRequest(pair: Pair | undefined): void {
    clearTimeout(this.#timer);
    if (pair === undefined || pair.calibration.isDone) return;
    this.#timer = setTimeout(() => void this.#step(pair), QUIET_MS);
  }

  /** To be called when a request comes. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #step(pair: Pair): Promise<void> {
    const timer = this.#timer;
    const measure = (): Promise<boolean> => {
      pair.gate.open(() => false);
      return pair.calibration.step();
    };
    const isMore = await this.#queue.run(measure, this, true);
    // A request that came meanwhile has stopped this, and starts it again when it ends.
    if (isMore && this.#timer === timer) this.#timer = setTimeout(() => void this.#step(pair), 0);
  }
}
