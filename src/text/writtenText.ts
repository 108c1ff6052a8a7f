import type { HoleParams, TokenLikelihood } from "../protocol/messages.js";
import { BlockEnd } from "./blockEnd.js";
import { fromLf, lineEndOf, toLf, type LineEnd } from "./lineEnds.js";
import { LineLimit } from "./lineLimit.js";

/** Receives each piece of an answer, which may be "", and how likely its tokens are as far as that is known. */
export type OnText = (text: string, likelihoods: readonly TokenLikelihood[]) => void;

/** Where an answer goes. */
export type AnswerPlace = Pick<HoleParams, "prefix" | "suffix" | "maxLines" | "isUncut">;

/** The text of an answer while it is written: what a model said becomes what is shown, cut where it ends, in the document's line ends. */
export class WrittenText {
  readonly #lineEnd: LineEnd;
  readonly #onText: OnText;
  readonly #limit: LineLimit;
  readonly #blockEnd: BlockEnd | undefined;
  /** Characters to come that the document has already. */
  #skipped: number;
  #text = "";
  #saidUnits = 0;
  readonly #likelihoods: TokenLikelihood[] = [];
  /** How many of the likelihoods have left. */
  #sent = 0;

  /**
   * @param around the hole, which says how lines end, where the answer must, and how many lines are wanted
   * @param healed what is said begins with and the document has already: see `healedEnd`
   * @param fillsHole whether it is a hole that is filled: see `BlockEnd`
   */
  constructor({ prefix, suffix, maxLines = Infinity, isUncut = false }: AnswerPlace, onText: OnText, healed = "", fillsHole = false) {
    this.#skipped = healed.length;
    this.#lineEnd = lineEndOf(prefix + suffix);
    this.#onText = onText;
    this.#limit = new LineLimit(maxLines);
    this.#blockEnd = isUncut ? undefined : new BlockEnd(toLf(prefix), toLf(suffix), fillsHole);
  }

  /** Whether all lines that are wanted are there. */
  get isFull(): boolean {
    return this.#limit.isReached || this.#blockEnd?.isReached === true;
  }

  /** What was emitted so far. */
  get text(): string {
    return this.#text;
  }

  /** Characters that were said so far, without those that the document has already. */
  get saidUnits(): number {
    return this.#saidUnits;
  }

  /** How likely the tokens are that were taken, as far as it was said. */
  get likelihoods(): readonly TokenLikelihood[] {
    return this.#likelihoods;
  }

  /** @param said what the model goes on with, LF line ends; @returns what of the text is sure to stay by now and was not returned before */
  take(said: string): string {
    return this.#limited(this.#cut(said));
  }

  /** Says how likely a token is. @param end where the text ends with it, as in `TokenLikelihood`; default: where what was said so far does */
  note(logProb: number, end = this.#saidUnits): void {
    this.#likelihoods.push([end, logProb]);
  }

  /** Hands a piece on that `take` returned, or several. */
  emit(written: string): void {
    this.#text += written;
    this.#onText(written, this.#likelihoods.slice(this.#sent));
    if (written !== "") this.#sent = this.#likelihoods.length;
  }

  /** Ends the text, and emits its rest. @param said what the model said last; @returns the whole text */
  end(said = ""): string {
    this.emit(this.#limited(this.#cut(said) + (this.#blockEnd?.end() ?? "")));
    return this.#text;
  }

  #cut(said: string): string {
    const piece = said.slice(this.#skipped);
    this.#skipped -= said.length - piece.length;
    this.#saidUnits += piece.length;
    return this.#blockEnd?.take(piece) ?? piece;
  }

  #limited(piece: string): string {
    return fromLf(this.#limit.take(piece), this.#lineEnd);
  }
}
