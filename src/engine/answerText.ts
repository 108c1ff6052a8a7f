import { fromLf, lineEndOf, type LineEnd } from "../text/lineEnds.js";
import { TokenStream } from "../text/tokenStream.js";
import type { Tokenizer } from "../text/tokenizer.js";

/** The text of an answer while it is written: tokens become text in the document's line ends, and leave at once. */
export class AnswerText {
  readonly #stream: TokenStream;
  readonly #lineEnd: LineEnd;
  readonly #onText: (text: string) => void;
  #text = "";

  /** @param document text around the hole, which says how lines end; @param onText receives each piece, which may be "" */
  constructor(tokenizer: Tokenizer, document: string, onText: (text: string) => void) {
    this.#stream = new TokenStream(tokenizer);
    this.#lineEnd = lineEndOf(document);
    this.#onText = onText;
  }

  push(tokens: readonly number[]): void {
    this.#emit(this.#stream.push(tokens));
  }

  /** @returns the whole text */
  end(): string {
    this.#emit(this.#stream.end());
    return this.#text;
  }

  #emit(piece: string): void {
    const written = fromLf(piece, this.#lineEnd);
    this.#text += written;
    this.#onText(written);
  }
}
