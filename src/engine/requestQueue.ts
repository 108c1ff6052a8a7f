type Begin = () => Promise<void>;

/**
 * Runs one job at a time. Those who ask take turns; of each, jobs run in the order in which they came. Patient jobs run when nothing else
 * waits, whoever asked.
 */
export class RequestQueue {
  /** Those who wait, by who asks, in the order in which they began to. A line is never empty. */
  readonly #lines = new Map<object, Begin[]>();
  readonly #patient: { readonly who: object; readonly begin: Begin }[] = [];
  /** The latest turn of each who had one. */
  readonly #turns = new WeakMap<object, number>();
  #lastTurn = 0;
  #isRunning = false;

  /** Whether anything runs or waits. */
  get isBusy(): boolean {
    return this.#isRunning || this.#lines.size > 0 || this.#patient.length > 0;
  }

  /** Whether a job waits that a patient one of `who` has to give way to: any that is not patient, or one of its own. */
  mustGiveWay(who: object): boolean {
    return this.#lines.size > 0 || this.#patient.some((each) => each.who === who);
  }

  /**
   * Resolves or rejects as `job` does; a job that fails does not hold up the next.
   *
   * @param who asks; default: somebody of its own
   * @param isPatient whether every other job goes first
   */
  run<T>(job: () => Promise<T>, who: object = this, isPatient = false): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = (): Promise<void> => Promise.resolve().then(job).then(resolve, reject);
      if (isPatient) this.#patient.push({ who, begin });
      else this.#lines.set(who, [...(this.#lines.get(who) ?? []), begin]);
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (let begin = this.#take(); begin !== undefined; begin = this.#take()) await begin();
    this.#isRunning = false;
  }

  /** The next job: of who had the last turn longest ago. */
  #take(): Begin | undefined {
    const turnOf = (who: object): number => this.#turns.get(who) ?? 0;
    const waiting = [...this.#lines.keys()];
    if (waiting.length === 0) return this.#patient.shift()?.begin;
    const next = waiting.reduce((first, who) => (turnOf(who) < turnOf(first) ? who : first));
    const [begin, ...rest] = this.#lines.get(next)!;
    this.#turns.set(next, (this.#lastTurn += 1));
    if (rest.length > 0) this.#lines.set(next, rest);
    else this.#lines.delete(next);
    return begin;
  }
}
