/** The calls that wait for an answer: when who answers is gone, all of them fail once, and so does every later call. */
export class PendingCalls {
  readonly #rejections = new Map<number, (why: Error) => void>();
  #lastCall = 0;
  #end: Error | undefined;

  get count(): number {
    return this.#rejections.size;
  }

  /**
   * Makes a call, which settles as `send` does.
   *
   * @param isBroken asked when `send` fails: whether that only shows that who answers is about to be gone; the call then waits for
   * `fail`, which says more
   */
  make<T>(send: () => Promise<T>, isBroken: (error: unknown) => boolean): Promise<T> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const call = (this.#lastCall += 1);
    return new Promise((resolve, reject) => {
      this.#rejections.set(call, reject);
      const answered = (value: T): void => {
        this.#rejections.delete(call);
        resolve(value);
      };
      const failed = (error: unknown): void => {
        if (isBroken(error)) return;
        this.#rejections.delete(call);
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      send().then(answered, failed);
    });
  }

  /** Fails every call that waits, and every later one. */
  fail(why: Error): void {
    this.#end ??= why;
    for (const reject of this.#rejections.values()) reject(why);
    this.#rejections.clear();
  }
}
