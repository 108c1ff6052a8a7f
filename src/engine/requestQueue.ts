/** Runs one job at a time, in the order in which they came. */
export class RequestQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as `job` does; a job that fails does not hold up the next. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => {});
    return result;
  }
}
