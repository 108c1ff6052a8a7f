/** What a window is started with. */
export interface WindowOptions {
  readonly enginePath: string;
  readonly modelsDir: string;
  readonly threads: number;
}

/** Tells a window to ask for so many completions, one after the other. */
export interface Ask {
  readonly id: number;
  readonly count: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly maxTokens: number;
  /** Whether it has a new engine started then. */
  readonly restarts?: boolean;
  /** Whether it leaves the engine then. */
  readonly leaves?: boolean;
}

/** What came of it. */
export interface Asked {
  readonly id: number;
  readonly texts: string[];
  /** From asking, also again, to the answer, of each. */
  readonly ms: number[];
  /** Of the engines that answered. */
  readonly pids: number[];
  /** Codes of the failures in between. */
  readonly failures: string[];
  /** All that it logged so far. */
  readonly log: readonly string[];
}
