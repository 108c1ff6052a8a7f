import { fromLf, lineEndOf, type LineEnd } from "../../text/lineEnds.js";
import { LineLimit } from "../../text/lineLimit.js";
import { TokenStream } from "../../text/tokenStream.js";
import type { Tokenizer } from "../../text/tokenizer.js";

/** The text of an answer while it is written: tokens become text in the document's line ends, and leave at once. */
export class AnswerText {
  readonly #stream: TokenStream;
  readonly #lineEnd: LineEnd;
  readonly #onText: (text: string) => void;
  readonly #limit: LineLimit;
  #text = "";

  /**
   * @param document text around the hole, which says how lines end
   * @param onText receives each piece, which may be ""
   * @param maxLines what is behind them is left out
   */
  constructor(tokenizer: Tokenizer, document: string, onText: (text: string) => void, maxLines = Infinity) {
    this.#stream = new TokenStream(tokenizer);
    this.#lineEnd = lineEndOf(document);
    this.#onText = onText;
    this.#limit = new LineLimit(maxLines);
  }

  /** Whether all lines that are wanted are there. */
  get isFull(): boolean {
    return this.#limit.isReached;
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
    const written = fromLf(this.#limit.take(piece), this.#lineEnd);
    this.#text += written;
    this.#onText(written);
  }
}
