import type { TokenLikelihood } from "../../protocol/messages.js";
import { TokenStream } from "../../text/tokenStream.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { WrittenText, type AnswerPlace, type OnText } from "../../text/writtenText.js";

/** The text of an answer while it is written: tokens become text in the document's line ends, and leave at once. */
export class AnswerText {
  readonly #stream: TokenStream;
  readonly #written: WrittenText;

  /**
   * @param around the hole, which says how lines end, where the answer must, and how many lines are wanted
   * @param healed what the tokens begin with and the document has already: see `healedEnd`
   * @param fillsHole whether it is a hole that is filled: see `BlockEnd`
   */
  constructor(tokenizer: Tokenizer, around: AnswerPlace, onText: OnText, healed = "", fillsHole = false) {
    this.#stream = new TokenStream(tokenizer);
    this.#written = new WrittenText(around, onText, healed, fillsHole);
  }

  /** Whether all lines that are wanted are there. */
  get isFull(): boolean {
    return this.#written.isFull;
  }

  /** How likely the tokens are that were taken, as far as it was said. */
  get likelihoods(): readonly TokenLikelihood[] {
    return this.#written.likelihoods;
  }

  /**
   * @param logProbOf says how likely a token is, called once for each that is taken; default: not known
   * @returns how many of the tokens were taken: none after the one that made the answer full
   */
  push(tokens: readonly number[], logProbOf?: (token: number) => number): number {
    let piece = "";
    let taken = 0;
    while (taken < tokens.length && !this.isFull) {
      piece += this.#written.take(this.#stream.push([tokens[taken]]));
      if (logProbOf !== undefined) this.#written.note(logProbOf(tokens[taken]));
      taken += 1;
    }
    this.#written.emit(piece);
    return taken;
  }

  /** The model ends the text here. */
  endsWith(logProb: number): void {
    this.#written.note(logProb);
  }

  /** @returns the whole text */
  end(): string {
    return this.#written.end(this.#stream.end());
  }
}
