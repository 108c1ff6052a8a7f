import type { Tokenizer } from "./tokenizer.js";

/** Which tokens hold a line feed. */
export class LineBreaks {
  readonly #tokenizer: Tokenizer;
  readonly #vocabSize: number;
  readonly #known = new Map<number, boolean>();
  #all: readonly number[] | undefined;

  constructor(tokenizer: Tokenizer, vocabSize: number) {
    this.#tokenizer = tokenizer;
    this.#vocabSize = vocabSize;
  }

  has(token: number): boolean {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const isBreak = this.#tokenizer.decode([token]).includes("\n");
    this.#known.set(token, isBreak);
    return isBreak;
  }

  /** All of them. Decodes the whole vocabulary, the first time it is called. */
  all(): readonly number[] {
    return (this.#all ??= Array.from({ length: this.#vocabSize }, (_, id) => id).filter((id) => this.has(id)));
  }
}
