import { fromLf, lineEndOf, toLf, type LineEnd } from "../../text/lineEnds.js";
import type { HoleParams, TokenLikelihood } from "../../protocol/messages.js";
import { BlockEnd } from "../../text/blockEnd.js";
import { LineLimit } from "../../text/lineLimit.js";
import { TokenStream } from "../../text/tokenStream.js";
import type { Tokenizer } from "../../text/tokenizer.js";

/** Receives each piece of an answer, which may be "", and how likely its tokens are as far as that is known. */
export type OnText = (text: string, likelihoods: readonly TokenLikelihood[]) => void;

/** Where an answer goes. */
type AnswerPlace = Pick<HoleParams, "prefix" | "suffix" | "maxLines" | "isUncut">;

/** The text of an answer while it is written: tokens become text in the document's line ends, and leave at once. */
export class AnswerText {
  readonly #stream: TokenStream;
  readonly #lineEnd: LineEnd;
  readonly #onText: OnText;
  readonly #limit: LineLimit;
  readonly #blockEnd: BlockEnd | undefined;
  /** Characters to come that the document has already. */
  #skipped: number;
  #text = "";
  /** Characters that the tokens so far stand for, without those that the document has already. */
  #decodedUnits = 0;
  readonly #likelihoods: TokenLikelihood[] = [];
  /** How many of the likelihoods have left. */
  #sent = 0;

  /**
   * @param around the hole, which says how lines end, where the answer must, and how many lines are wanted
   * @param healed what the tokens begin with and the document has already: see `healedEnd`
   * @param fillsHole whether it is a hole that is filled: see `BlockEnd`
   */
  constructor(
    tokenizer: Tokenizer,
    { prefix, suffix, maxLines = Infinity, isUncut = false }: AnswerPlace,
    onText: OnText,
    healed = "",
    fillsHole = false,
  ) {
    this.#skipped = healed.length;
    this.#stream = new TokenStream(tokenizer);
    this.#lineEnd = lineEndOf(prefix + suffix);
    this.#onText = onText;
    this.#limit = new LineLimit(maxLines);
    this.#blockEnd = isUncut ? undefined : new BlockEnd(toLf(prefix), toLf(suffix), fillsHole);
  }

  /** Whether all lines that are wanted are there. */
  get isFull(): boolean {
    return this.#limit.isReached || this.#blockEnd?.isReached === true;
  }

  /** How likely the tokens are that were taken, as far as it was said. */
  get likelihoods(): readonly TokenLikelihood[] {
    return this.#likelihoods;
  }

  /**
   * @param logProbOf says how likely a token is, called once for each that is taken; default: not known
   * @returns how many of the tokens were taken: none after the one that made the answer full
   */
  push(tokens: readonly number[], logProbOf?: (token: number) => number): number {
    let piece = "";
    let taken = 0;
    while (taken < tokens.length && !this.isFull) {
      piece += this.#limited(this.#cut(this.#stream.push([tokens[taken]])));
      if (logProbOf !== undefined) this.#likelihoods.push([this.#decodedUnits, logProbOf(tokens[taken])]);
      taken += 1;
    }
    this.#emit(piece);
    return taken;
  }

  /** The model ends the text here. */
  endsWith(logProb: number): void {
    this.#likelihoods.push([this.#decodedUnits, logProb]);
  }

  /** @returns the whole text */
  end(): string {
    this.#emit(this.#limited(this.#cut(this.#stream.end()) + (this.#blockEnd?.end() ?? "")));
    return this.#text;
  }

  #cut(decoded: string): string {
    const piece = decoded.slice(this.#skipped);
    this.#skipped -= decoded.length - piece.length;
    this.#decodedUnits += piece.length;
    return this.#blockEnd?.take(piece) ?? piece;
  }

  #limited(piece: string): string {
    return fromLf(this.#limit.take(piece), this.#lineEnd);
  }

  #emit(written: string): void {
    this.#text += written;
    this.#onText(written, this.#likelihoods.slice(this.#sent));
    if (written !== "") this.#sent = this.#likelihoods.length;
  }
}
