import type { Sequence } from "./sequence.js";
import type { Verifier } from "./verifier.js";

/** What a request adds to what its verifier may write. */
export interface WritingRules {
  /** Whether a text of these tokens may end; default: any may. */
  readonly mayEnd?: (written: readonly number[]) => boolean;
  /** Tokens that are never written; default none. */
  readonly never?: Iterable<number>;
  /** Which tokens a text may begin with, its ends apart; default: any. */
  readonly mayBegin?: ((token: number) => boolean) | undefined;
}

/** Rules under which no text ends before so many tokens are written. @param least 0 for no bound */
export function leastTokens(least: number): WritingRules {
  return { mayEnd: ({ length }) => length >= least };
}

/** A verifier that keeps to rules: whatever they forbid has -Infinity. */
export class RuledVerifier implements Verifier {
  readonly vocabSize: number;
  readonly ends: ReadonlySet<number>;
  readonly #inner: Verifier;
  readonly #mayEnd: WritingRules["mayEnd"];
  readonly #never: readonly number[];
  readonly #mayBegin: WritingRules["mayBegin"];

  constructor(inner: Verifier, { mayEnd, never = [], mayBegin }: WritingRules) {
    this.#inner = inner;
    this.#mayEnd = mayEnd;
    this.#never = [...never];
    this.#mayBegin = mayBegin;
    this.vocabSize = inner.vocabSize;
    this.ends = inner.ends;
  }

  /** See `Verifier`. */
  async next(sequence: Sequence, rows: number): Promise<Float32Array> {
    const logits = await this.#inner.next(sequence, rows);
    const { written } = sequence;
    for (let row = 0; row < rows; row += 1) {
      const offset = row * this.vocabSize;
      for (const token of this.#never) logits[offset + token] = -Infinity;
      const length = written.length - rows + 1 + row;
      if (length === 0) this.#begin(logits, offset);
      if (this.#mayEnd === undefined || this.#mayEnd(written.slice(0, length))) continue;
      for (const end of this.ends) logits[offset + end] = -Infinity;
    }
    return logits;
  }

  /** Leaves the row from `offset` on the tokens that a text may begin with. */
  #begin(logits: Float32Array, offset: number): void {
    if (this.#mayBegin === undefined) return;
    for (let token = 0; token < this.vocabSize; token += 1) {
      if (!this.#mayBegin(token) && !this.ends.has(token)) logits[offset + token] = -Infinity;
    }
  }
}
