import { indentOf } from "../base/indentOf.js";
import { FENCE } from "./fenceTokens.js";

/** Words with which lines outside of the block begin that belong to it all the same. */
const WORDS = [
  ...["else", "elif", "elsif", "elseif", "except", "finally", "catch", "rescue", "ensure", "end", "endif", "endfor"],
  ...["fi", "done", "esac", "case", "default", "when", "while", "until", "then", "do"],
];
const DIRECTIVES = ["if", "ifdef", "ifndef", "else", "elif", "endif", "define", "undef", "pragma", "include"];
const BELONGS = new RegExp(`^([)\\]}]|</|#(${DIRECTIVES.join("|")})\\b|(public|private|protected)\\s*:|(${WORDS.join("|")})\\b)`);
/** What may still become the beginning of such a line. */
const MAY_BELONG = /^(#?\w*|<)$/;
const MEANINGFUL = /[\p{L}\p{N}_]/u;
const MULTILINE_STRING = /"""|'''|`/g;

/**
 * Ends an answer where a person would: a model that has filled the hole often goes on.
 *
 * What is right stays, and the rest goes, from the first line on that stands below the hole already, that fences code off as a chat
 * does, or that leaves the block the answer began in: a line at the left margin, or, unless a hole is filled, one less indented after a
 * blank line. Closing brackets and words such as `else` belong to the block. Lines end in LF. Text comes out once it is sure to stay.
 */
export class BlockEnd {
  readonly #prefixLine: string;
  /** The lines below that are not blank. */
  readonly #linesBelow: readonly string[];
  readonly #fillsHole: boolean;
  /** Whether the first line is the one below, and waits for another that shows what it means. */
  #isRepeating = false;
  readonly #mayFence: boolean;
  readonly #keepsLastBreak: boolean;
  #taken = "";
  /** Line breaks and blank lines that go with the next line. */
  #held = "";
  #line = "";
  #isFirst = true;
  #isPassing: boolean;
  /** Indentation of the block, in characters; undefined until a line shows it. */
  #indent: number | undefined;
  #afterBlank = false;
  #isReached = false;

  /**
   * @param prefix text before the hole; @param suffix text after it; both with LF line ends
   * @param fillsHole whether a hole is filled, in which something may be missing that equals what follows, and the end of a block with
   * what comes behind it: a text may begin with the line below, where it does not go on as the lines below do, and leaves its block
   * only for the left margin
   */
  constructor(prefix: string, suffix: string, fillsHole = false) {
    this.#prefixLine = prefix.slice(prefix.lastIndexOf("\n") + 1);
    const isBlank = this.#prefixLine.trim() === "";
    const [rest, ...lines] = suffix.split("\n");
    const below = [...(isBlank ? [this.#prefixLine + rest] : []), ...lines];
    this.#linesBelow = below
      .filter((line) => line.trim() !== "")
      .slice(0, 2)
      .map((line) => line.trimEnd());
    this.#fillsHole = fillsHole;
    this.#mayFence = prefix.includes(FENCE) || suffix.includes(FENCE);
    // A hole of whole lines is filled by whole lines.
    this.#keepsLastBreak = this.#prefixLine === "" && !suffix.startsWith("\n");
    this.#isPassing = !isBlank;
  }

  /** Whether nothing more gets through. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** @returns what of the text so far is sure to stay and was not returned before */
  take(piece: string): string {
    let out = "";
    const parts = piece.split("\n");
    for (const [index, part] of parts.entries()) {
      if (this.#isReached) break;
      const taken = this.#within(part, index < parts.length - 1);
      this.#taken += taken;
      out += taken;
    }
    return out;
  }

  /** @returns the rest, when the model has said its end */
  end(): string {
    if (this.#isReached || this.#isPassing) return "";
    const whole = (this.#isFirst ? this.#prefixLine : "") + this.#line;
    return this.#line.trim() === "" || this.#begins(whole) ? this.#held + this.#line : this.#decide(true);
  }

  /** A piece of one line, and whether the line ends behind it. */
  #within(part: string, isComplete: boolean): string {
    let out = part;
    if (!this.#isPassing) {
      this.#line += part;
      out = this.#decide(isComplete);
    }
    if (!isComplete || this.#isReached) return out;
    if (this.#isPassing) {
      if (this.#indent === undefined && this.#prefixLine.trim() !== "") this.#indent = indentOf(this.#prefixLine);
      this.#held += "\n";
      this.#isPassing = false;
    }
    this.#line = "";
    this.#isFirst = false;
    return out;
  }

  /** The held text and the line where it may stay; "" where that is not known yet, or the answer ends before it. */
  #decide(isComplete: boolean): string {
    const whole = (this.#isFirst ? this.#prefixLine : "") + this.#line;
    const text = whole.trim();
    if (text === "") {
      if (isComplete) {
        this.#held += `${this.#line}\n`;
        this.#afterBlank ||= !this.#isFirst;
      }
      return "";
    }
    if (!isComplete && this.#isUndecided(whole, text)) return "";
    if (this.#begins(whole)) {
      this.#held += `${this.#line}\n`;
      this.#isRepeating = true;
      return "";
    }
    if (this.#endsBefore(whole, text)) return this.#stop();
    this.#follow(indentOf(whole));
    const passed = this.#held + this.#line;
    this.#held = "";
    this.#line = "";
    this.#isRepeating = false;
    this.#afterBlank = false;
    this.#isPassing = true;
    return passed;
  }

  /** The line that an answer ends before. */
  get #below(): string | undefined {
    return this.#linesBelow[this.#isRepeating ? 1 : 0];
  }

  /** Whether an answer that may do so begins with the line below. */
  #begins(whole: string): boolean {
    return this.#fillsHole && !this.#isRepeating && this.#taken.trim() === "" && MEANINGFUL.test(whole) && whole.trimEnd() === this.#below;
  }

  #isUndecided(whole: string, text: string): boolean {
    if (this.#below?.startsWith(whole.trimEnd()) === true) return true;
    if (!this.#mayFence && FENCE.startsWith(text)) return true;
    return this.#isOutside(whole) && MAY_BELONG.test(text);
  }

  #endsBefore(whole: string, text: string): boolean {
    if (!this.#mayFence && text.startsWith(FENCE)) return true;
    if (whole.trimEnd() === this.#below && (!this.#isFirst || MEANINGFUL.test(whole))) return true;
    return this.#isOutside(whole) && !BELONGS.test(text);
  }

  #isOutside(whole: string): boolean {
    const indent = indentOf(whole);
    if (this.#indent === undefined || indent >= this.#indent || !(indent === 0 || (this.#afterBlank && !this.#fillsHole))) return false;
    const marks = this.#taken.match(MULTILINE_STRING)?.length ?? 0;
    return marks % 2 === 0;
  }

  /** A block that opens right behind the first line is the one that counts. */
  #follow(indent: number): void {
    if (this.#indent === undefined || (indent > this.#indent && !this.#taken.includes("\n") && this.#prefixLine.trim() !== "")) this.#indent = indent;
  }

  #stop(): string {
    this.#isReached = true;
    return this.#keepsLastBreak && this.#taken !== "" && this.#held !== "" ? "\n" : "";
  }
}
