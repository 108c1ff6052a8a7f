import type { Tokenizer } from "./tokenizer.js";

interface TokenText {
  readonly text: string;
  readonly token: number;
}

/**
 * Which tokens a text can be made of that must begin with other text. Decodes the whole vocabulary, some microseconds a token, when it is
 * first asked.
 */
export class TextBeginnings {
  readonly #tokenizer: Tokenizer;
  readonly #vocabSize: number;
  /** By their text. */
  #tokens: readonly TokenText[] | undefined;
  #latest: { readonly rest: string; readonly tokens: readonly number[] } | undefined;

  constructor(tokenizer: Tokenizer, vocabSize: number) {
    this.#tokenizer = tokenizer;
    this.#vocabSize = vocabSize;
  }

  /**
   * The tokens by which a text goes on towards `beginning`: those that begin with what is missing of it, and those that it begins with.
   *
   * @param written what there is of the text
   * @returns undefined once the text has begun so: then any token may follow
   */
  next(beginning: string, written: readonly number[]): readonly number[] | undefined {
    if (written.length >= beginning.length) return undefined;
    const rest = beginning.slice(this.#tokenizer.decode(written).length);
    if (rest === "") return undefined;
    if (this.#latest?.rest !== rest) this.#latest = { rest, tokens: this.#towards(rest) };
    return this.#latest.tokens;
  }

  #towards(rest: string): readonly number[] {
    const tokens = (this.#tokens ??= this.#sorted());
    const found: number[] = [];
    for (let at = lowerBound(tokens, rest); at < tokens.length && tokens[at].text.startsWith(rest); at += 1) found.push(tokens[at].token);
    for (let length = 1; length < rest.length; length += 1) {
      const part = rest.slice(0, length);
      for (let at = lowerBound(tokens, part); at < tokens.length && tokens[at].text === part; at += 1) found.push(tokens[at].token);
    }
    return found;
  }

  #sorted(): readonly TokenText[] {
    const all = Array.from({ length: this.#vocabSize }, (_, token) => ({ token, text: this.#tokenizer.decode([token]) }));
    return all.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.token - b.token));
  }
}

/** Index of the first token whose text is not before another. */
function lowerBound(tokens: readonly TokenText[], text: string): number {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle].text < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
