import os from "node:os";
import type { Pair } from "./models/pair.js";
import type { RequestQueue } from "./requestQueue.js";

/** So long nothing must have been asked before an accelerator is tried. */
const QUIET_MS = 20_000;
/** A machine with more to do than this share of its cores measures its other work. */
const MOST_LOAD = 0.5;

/** What an idle trial needs of the models. */
export type TriedPair = Pick<Pair, "devices" | "calibration">;

/**
 * Tries accelerators that are not known in a process of their own, while nobody asks for anything and the machine has little else to do. A request
 * ends a trial, which then begins anew; what one comes to counts from the next start on.
 */
export class IdleTrial {
  readonly #queue: Pick<RequestQueue, "isBusy">;
  readonly #quietMs: number;
  readonly #loadOf: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: AbortController | undefined;

  /** @param loadOf the machine's load, as a share of its cores */
  constructor(queue: Pick<RequestQueue, "isBusy">, quietMs = QUIET_MS, loadOf = () => os.loadavg()[0] / os.availableParallelism()) {
    this.#queue = queue;
    this.#quietMs = quietMs;
    this.#loadOf = loadOf;
  }

  /** To be called when a request has ended: a trial begins if none follows for some time. */
  afterRequest(pair: TriedPair | undefined): void {
    clearTimeout(this.#timer);
    if (pair === undefined || pair.devices.untried.length === 0) return;
    this.#timer = setTimeout(() => void this.#begin(pair), this.#quietMs).unref();
  }

  /** To be called when a request comes. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  async #begin(pair: TriedPair): Promise<void> {
    if (!this.#queue.isBusy && pair.calibration.isDone && this.#loadOf() <= MOST_LOAD) {
      const running = (this.#running = new AbortController());
      await pair.devices.tryNext(running.signal);
      // Who has ended it calls again.
      if (running.signal.aborted) return;
    }
    this.afterRequest(pair);
  }
}
