/** Waits before the first, second and third restart. */
const BACK_OFF_MS = [250, 2000, 8000];
/** An engine that lived this long has not crashed "again". */
const FORGIVEN_AFTER_MS = 10 * 60_000;

/** Decides whether and when an engine that died is started again: three times, later each time, then no more. */
export class RestartPolicy {
  readonly #now: () => number;
  #deaths = 0;
  #lastDeathMs = -Infinity;

  /** @param now a clock in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a death that nobody asked for. */
  died(): void {
    const now = this.#now();
    if (now - this.#lastDeathMs > FORGIVEN_AFTER_MS) this.#deaths = 0;
    this.#deaths += 1;
    this.#lastDeathMs = now;
  }

  /** Milliseconds to wait before the next start; undefined when there is to be none. */
  get waitMs(): number | undefined {
    if (this.#deaths === 0) return 0;
    const backOff = BACK_OFF_MS[this.#deaths - 1];
    return backOff === undefined ? undefined : Math.max(0, this.#lastDeathMs + backOff - this.#now());
  }

  /** The next start would fail like this one. */
  giveUp(): void {
    this.#deaths = BACK_OFF_MS.length + 1;
    this.#lastDeathMs = this.#now();
  }

  /** Forgets all deaths: a person asked for a new start. */
  reset(): void {
    this.#deaths = 0;
    this.#lastDeathMs = -Infinity;
  }
}
