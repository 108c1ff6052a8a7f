import type { Sequence } from "./sequence.js";
import type { Verifier } from "./verifier.js";

/** What a request adds to what its verifier may write. */
export interface WritingRules {
  /** Whether a text of these tokens may end; default: any may. */
  readonly mayEnd?: (written: readonly number[]) => boolean;
  /** Tokens that are never written; default none. */
  readonly never?: Iterable<number>;
  /** The only tokens that may follow others, until a text has begun as it must; undefined: any. Default: any may. */
  readonly begins?: ((written: readonly number[]) => readonly number[] | undefined) | undefined;
  /** Tokens that may not follow others. Default: any may. */
  readonly barred?: ((written: readonly number[]) => Iterable<number>) | undefined;
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
  readonly #begins: WritingRules["begins"];
  readonly #barred: WritingRules["barred"];

  constructor(inner: Verifier, { mayEnd, never = [], begins, barred }: WritingRules) {
    this.#inner = inner;
    this.#mayEnd = mayEnd;
    this.#never = [...never];
    this.#begins = begins;
    this.#barred = barred;
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
      const before = written.slice(0, length);
      const allowed = this.#begins?.(before);
      if (allowed !== undefined) this.#keepOnly(allowed, logits, offset);
      for (const token of this.#barred?.(before) ?? []) logits[offset + token] = -Infinity;
      if (this.#mayEnd === undefined || this.#mayEnd(before)) continue;
      for (const end of this.ends) logits[offset + end] = -Infinity;
    }
    return logits;
  }

  #keepOnly(allowed: readonly number[], logits: Float32Array, offset: number): void {
    const kept = allowed.map((token) => logits[offset + token]);
    logits.fill(-Infinity, offset, offset + this.vocabSize);
    for (const [index, token] of allowed.entries()) logits[offset + token] = kept[index];
  }
}
