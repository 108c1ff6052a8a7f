import type { Tokenizer } from "./tokenizer.js";

const REPLACEMENT = "\uFFFD";

/**
 * Turns tokens that arrive in groups into text that never has to be taken back: bytes of an unfinished
 * character wait for the rest of it.
 */
export class TokenStream {
  readonly #tokenizer: Tokenizer;
  #waiting: number[] = [];

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** @returns the text that is complete now, "" if none */
  push(tokens: readonly number[]): string {
    this.#waiting.push(...tokens);
    const text = this.#tokenizer.decode(this.#waiting);
    if (text.endsWith(REPLACEMENT)) return "";
    this.#waiting = [];
    return text;
  }

  /** @returns what is left; an unfinished character is dropped */
  end(): string {
    const text = this.#tokenizer.decode(this.#waiting);
    this.#waiting = [];
    let end = text.length;
    while (end > 0 && text[end - 1] === REPLACEMENT) end -= 1;
    return text.slice(0, end);
  }
}
