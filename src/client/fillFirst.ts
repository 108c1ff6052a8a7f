import { LacunaError } from "../protocol/errors.js";
import type { Writer, Writers } from "./engineLife.js";

export interface FillFirstOptions {
  /** The engine with the model for fills. */
  readonly fills: Writers;
  /** Those that write everything else. */
  readonly others: Writers;
  /** Whether there is a model for fills, and memory for it. */
  readonly isWanted: () => Promise<boolean>;
  /** Called where the others fill instead. */
  readonly onOthers?: (why: LacunaError) => void;
}

/** Fills by a model of their own where one is wanted; by those that write everything else where there is none, or it fails. */
export class FillFirst implements Writers {
  readonly #options: FillFirstOptions;

  constructor(options: FillFirstOptions) {
    this.#options = options;
  }

  async use<T>(job: (writer: Writer) => Promise<T>): Promise<T> {
    const { fills, others, isWanted, onOthers } = this.#options;
    if (!(await isWanted())) return others.use(job);
    try {
      return await fills.use(job);
    } catch (error) {
      // What is wrong with the request is wrong with every model.
      if (!(error instanceof LacunaError) || error.code === "badRequest") throw error;
      onOthers?.(error);
      return others.use(job);
    }
  }
}
