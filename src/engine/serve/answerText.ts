import { fromLf, lineEndOf, toLf, type LineEnd } from "../../text/lineEnds.js";
import type { HoleParams } from "../../protocol/messages.js";
import { BlockEnd } from "../../text/blockEnd.js";
import { LineLimit } from "../../text/lineLimit.js";
import { TokenStream } from "../../text/tokenStream.js";
import type { Tokenizer } from "../../text/tokenizer.js";

/** Where an answer goes. */
type AnswerPlace = Pick<HoleParams, "prefix" | "suffix" | "maxLines" | "isUncut">;

/** The text of an answer while it is written: tokens become text in the document's line ends, and leave at once. */
export class AnswerText {
  readonly #stream: TokenStream;
  readonly #lineEnd: LineEnd;
  readonly #onText: (text: string) => void;
  readonly #limit: LineLimit;
  readonly #blockEnd: BlockEnd | undefined;
  /** Characters to come that the document has already. */
  #skipped: number;
  #text = "";

  /**
   * @param around the hole, which says how lines end, where the answer must, and how many lines are wanted
   * @param onText receives each piece, which may be ""
   * @param healed what the tokens begin with and the document has already: see `healedEnd`
   * @param mayRepeat whether the text may be the line below: see `BlockEnd`
   */
  constructor(
    tokenizer: Tokenizer,
    { prefix, suffix, maxLines = Infinity, isUncut = false }: AnswerPlace,
    onText: (text: string) => void,
    healed = "",
    mayRepeat = false,
  ) {
    this.#skipped = healed.length;
    this.#stream = new TokenStream(tokenizer);
    this.#lineEnd = lineEndOf(prefix + suffix);
    this.#onText = onText;
    this.#limit = new LineLimit(maxLines);
    this.#blockEnd = isUncut ? undefined : new BlockEnd(toLf(prefix), toLf(suffix), mayRepeat);
  }

  /** Whether all lines that are wanted are there. */
  get isFull(): boolean {
    return this.#limit.isReached || this.#blockEnd?.isReached === true;
  }

  /** @returns how many of the tokens were taken: none after the one that made the answer full */
  push(tokens: readonly number[]): number {
    let piece = "";
    let taken = 0;
    while (taken < tokens.length && !this.isFull) {
      piece += this.#limited(this.#cut(this.#stream.push([tokens[taken]])));
      taken += 1;
    }
    this.#emit(piece);
    return taken;
  }

  /** @returns the whole text */
  end(): string {
    this.#emit(this.#limited(this.#cut(this.#stream.end()) + (this.#blockEnd?.end() ?? "")));
    return this.#text;
  }

  #cut(decoded: string): string {
    const piece = decoded.slice(this.#skipped);
    this.#skipped -= decoded.length - piece.length;
    return this.#blockEnd?.take(piece) ?? piece;
  }

  #limited(piece: string): string {
    return fromLf(this.#limit.take(piece), this.#lineEnd);
  }

  #emit(written: string): void {
    this.#text += written;
    this.#onText(written);
  }
}
