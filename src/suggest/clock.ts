/** Time, as this folder is given it. */
export interface Clock {
  /** Milliseconds since any moment. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}
