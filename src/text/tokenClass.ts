import type { Tokenizer } from "./tokenizer.js";

/** The tokens whose text has some property. Found out token by token, when they are asked for. */
export class TokenClass {
  readonly #tokenizer: Tokenizer;
  readonly #holds: (text: string) => boolean;
  /** For each id: 0 not known yet, 1 not in the class, 2 in it. */
  readonly #known: Uint8Array;
  #all: readonly number[] | undefined;

  constructor(tokenizer: Tokenizer, vocabSize: number, holds: (text: string) => boolean) {
    this.#tokenizer = tokenizer;
    this.#holds = holds;
    this.#known = new Uint8Array(vocabSize);
  }

  has(token: number): boolean {
    if (this.#known[token] === 0) this.#known[token] = this.#holds(this.#tokenizer.decode([token])) ? 2 : 1;
    return this.#known[token] === 2;
  }

  /** All of them. Decodes the whole vocabulary, the first time it is called. */
  all(): readonly number[] {
    return (this.#all ??= Array.from({ length: this.#known.length }, (_, id) => id).filter((id) => this.has(id)));
  }
}
