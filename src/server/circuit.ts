/** Pauses before the tries of a server that is away, in ms; the last goes on. */
const PAUSES_MS = [1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000];

export interface CircuitOptions {
  /** Asks the server for a little. Rejects where it does not answer. */
  readonly probe: () => Promise<void>;
  /** Calls `job` after so many ms; @returns what calls it off */
  readonly after: (ms: number, job: () => void) => () => void;
  /** A number in [0, 1), by chance. */
  readonly chance: () => number;
  /** Called at each change of `isClosed`, and with each new reason. */
  readonly onChange: () => void;
}

/**
 * Keeps requests from a server that is away: after one failure none goes there until a probe of its own was answered, first soon, then
 * ever later. Nobody waits for the probe.
 */
export class Circuit {
  readonly #options: CircuitOptions;
  #failure: Error | undefined;
  #failures = 0;
  #callOff: (() => void) | undefined;
  #isEnded = false;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** Whether requests go to the server. */
  get isClosed(): boolean {
    return this.#failure === undefined;
  }

  /** Why they do not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** A request failed because of the server. @param askedPauseMs how long the server wants to be left alone */
  failed(failure: Error, askedPauseMs = 0): void {
    if (this.#isEnded) return;
    const isNew = this.#failure?.message !== failure.message;
    // Several requests fail together: one of them counts, unless the server asked for more.
    const isCounted = this.#failure === undefined || askedPauseMs > 0;
    this.#failure = failure;
    if (isCounted) this.#wait(askedPauseMs);
    if (isNew) this.#options.onChange();
  }

  /** The server has answered. */
  succeeded(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#failures = 0;
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.onChange();
  }

  /** No more probes. */
  end(): void {
    this.#isEnded = true;
    this.#callOff?.();
  }

  #wait(askedPauseMs: number): void {
    this.#callOff?.();
    const pauseMs = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)];
    this.#failures += 1;
    // By chance up to half as long again: many editors lose a server at the same moment.
    const waitMs = Math.max(askedPauseMs, pauseMs) * (1 + this.#options.chance() / 2);
    this.#callOff = this.#options.after(waitMs, () => void this.#tryAgain());
  }

  async #tryAgain(): Promise<void> {
    this.#callOff = undefined;
    try {
      await this.#options.probe();
      if (!this.#isEnded) this.succeeded();
    } catch (error) {
      if (this.#isEnded) return;
      const failure = error instanceof Error ? error : new Error(String(error));
      const isNew = this.#failure?.message !== failure.message;
      this.#failure = failure;
      if (this.#callOff === undefined) this.#wait(0);
      if (isNew) this.#options.onChange();
    }
  }
}
