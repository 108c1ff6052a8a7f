import type { HoleParams, TokenLikelihood } from "../protocol/messages.js";
import { WrittenText, type OnText } from "../text/writtenText.js";
import type { ServedPiece } from "./servedPiece.js";

/** A token of an answer as it is painted: its text, and its probability. */
export interface ServedToken {
  readonly text: string;
  readonly confidence: number;
}

/** The text of an answer while a server writes it: cut as texts of the models here are, in the document's line ends. */
export class ServedText {
  readonly #written: WrittenText;
  readonly #ends: readonly string[];
  readonly #slots: ServedToken[] = [];
  readonly #maxTokens: number;
  #healedLeft: number;
  /** Where the tokens that were said end, which a server may be ahead of its text with. */
  #tokenUnits = 0;
  #tokens = 0;
  #isEnded = false;
  #isCutOff = false;

  /**
   * @param ends texts of tokens that end an answer; @param healed what is said begins with and the document has already
   * @param fillsHole whether it is a hole that is filled
   */
  constructor(
    params: Pick<HoleParams, "prefix" | "suffix" | "maxLines" | "isUncut" | "maxTokens">,
    ends: readonly string[],
    onText: OnText,
    healed: string,
    fillsHole: boolean,
  ) {
    this.#written = new WrittenText(params, onText, healed, fillsHole);
    this.#ends = ends;
    this.#maxTokens = params.maxTokens;
    this.#healedLeft = healed.length;
  }

  /** Whether nothing more of the answer is wanted, or comes. */
  get isDone(): boolean {
    return this.#isEnded || this.#written.isFull;
  }

  get likelihoods(): readonly TokenLikelihood[] {
    return this.#written.likelihoods;
  }

  /** Tokens of the text; as many as were asked for where that cut it off, and fewer where it ended by itself. */
  get tokens(): number {
    return this.#isCutOff ? this.#maxTokens : Math.min(this.#tokens, this.#maxTokens - 1);
  }

  /** The tokens as they are painted. */
  get slots(): readonly ServedToken[] {
    return this.#slots;
  }

  /** The next piece of the answer. */
  push({ text, tokens, end }: ServedPiece): void {
    const said = this.#upToEnd(text);
    for (const [token, logProb] of tokens) this.#note(token, logProb);
    if (tokens.length === 0 && said !== "") this.#tokens += 1;
    if (tokens.length === 0 && said !== "") this.#slots.push({ text: said, confidence: 1 });
    this.#written.emit(this.#written.take(said));
    if (end !== undefined) this.#isEnded = true;
    if (end === "length") this.#isCutOff = true;
  }

  /** @returns the whole text */
  end(): string {
    return this.#written.end();
  }

  #note(token: string, logProb: number): void {
    const isEnd = this.#ends.includes(token);
    const healed = Math.min(this.#healedLeft, token.length);
    this.#healedLeft -= healed;
    if (!isEnd) {
      this.#tokenUnits += token.length - healed;
      this.#tokens += 1;
      this.#slots.push({ text: token.slice(healed), confidence: Math.exp(logProb) });
    }
    this.#written.note(logProb, this.#tokenUnits);
  }

  /** The part of a piece before a token that ends the answer. */
  #upToEnd(text: string): string {
    const cuts = this.#ends.map((end) => text.indexOf(end)).filter((at) => at !== -1);
    if (cuts.length === 0) return text;
    this.#isEnded = true;
    return text.slice(0, Math.min(...cuts));
  }
}
