import { CodeReader, type Closing, type Frame } from "../syntax/codeReader.js";
import { unmatchedBrackets } from "../syntax/unmatchedBrackets.js";
import { syntaxOf, type Syntax } from "../syntax/syntaxOf.js";

/** So much text on either side is looked at for the partners of brackets. */
const PARTNER_UNITS = 2000;
/** So much text after the cursor is read for what it closes. */
const AFTER_UNITS = 6000;

/** A text that was read as if it stood at the cursor. */
export interface ReadText {
  readonly frames: readonly Frame[];
  /** Where the text closes what it did not open, or nothing, in order. */
  readonly closings: readonly Closing[];
}

/** What is known of a cursor. */
interface AtCursor {
  readonly syntax: Syntax;
  readonly frames: readonly Frame[];
  /** Characters before it. */
  readonly length: number;
  /** What goes wrong after it as it is. */
  readonly faults: number;
}

/** The code on both sides of a cursor: what is open there, and what the text after it closes. Read when it is first asked for. */
export class CodeAround {
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #languageId: string | undefined;
  #known: AtCursor | undefined;

  constructor(prefix: string, suffix: string, languageId: string | undefined) {
    this.#prefix = prefix;
    this.#suffix = suffix.slice(0, AFTER_UNITS);
    this.#languageId = languageId;
  }

  /** Whether a bracket that closes nothing is a mistake here: in most languages, and where something is open on the line. */
  get isStrict(): boolean {
    const { syntax, frames } = this.#at;
    return syntax.isStrict || frames.some(({ kind, at }) => kind === "bracket" && at >= this.#lineStart);
  }

  /** Whether the cursor is in a comment, or in a string of several lines. */
  get isInText(): boolean {
    const top = this.#at.frames.at(-1);
    return top?.kind === "comment" || (top?.kind === "string" && top.form?.isMultiline === true && top.at < this.#lineStart);
  }

  /** Reads a text at the cursor. */
  read(text: string): ReadText {
    const { syntax, frames, length } = this.#at;
    const reader = new CodeReader(syntax, frames, length);
    const closings: Closing[] = [];
    let least = frames.length;
    reader.read(text, (closing) => {
      if (closing.frame < least) closings.push(closing);
      if (closing.frame !== -1) least = Math.min(least, closing.frame);
    });
    return { frames: reader.frames, closings };
  }

  /** Whether a text closes, at an index, nothing at all, or a bracket around another one of the cursor's line. */
  isWrong(text: string, { index, frame }: Closing): boolean {
    if (frame === -1) return this.isStrict;
    const { frames } = this.read(text.slice(0, index));
    return this.#at.syntax.isStrict && frame < frames.length - 1 && frames.at(-1)!.at >= this.#lineStart;
  }

  /** Whether an index of a text at the cursor is within a string. */
  isInString(text: string, index: number): boolean {
    return this.read(text.slice(0, index)).frames.at(-1)?.kind === "string";
  }

  /** Whether the text after the cursor still closes what it closed, once another text stands before it. @param replaced characters of it that go */
  isMetBy(frames: readonly Frame[], replaced: number): boolean {
    const { frames: before, faults } = this.#at;
    if (this.#faultsAfter(frames, replaced) <= faults) return true;
    // A string or comment that the text itself opened may be ended by more of it.
    const top = frames.at(-1);
    const isOwn = top !== undefined && (top.kind === "string" || top.kind === "comment") && !before.includes(top);
    return isOwn && this.#faultsAfter(frames.slice(0, -1), replaced) <= faults;
  }

  #faultsAfter(frames: readonly Frame[], replaced: number): number {
    return faultsOf(this.#suffix.slice(replaced), this.#at.syntax, frames);
  }

  /** How many brackets around the cursor have no partner once a text stands there. */
  unmatchedWith(text: string): number {
    return unmatchedBrackets(this.#prefix.slice(-PARTNER_UNITS) + text + this.#suffix.slice(0, PARTNER_UNITS), this.#languageId);
  }

  get #lineStart(): number {
    return this.#prefix.lastIndexOf("\n") + 1;
  }

  get #at(): AtCursor {
    return (this.#known ??= this.#look());
  }

  #look(): AtCursor {
    const syntax = syntaxOf(this.#languageId);
    const { frames, length } = new CodeReader(syntax).read(this.#prefix);
    const top = frames.at(-1);
    // A string of several lines is most likely not closed yet: what stands below, read as if it were a part of it, says little.
    const isInBlock = top?.form?.isMultiline === true && top.at < this.#lineStart;
    const faults = [frames, ...(isInBlock ? [frames.slice(0, -1)] : [])].map((each) => faultsOf(this.#suffix, syntax, each));
    return { syntax, frames, length, faults: Math.max(...faults) };
  }
}

function faultsOf(text: string, syntax: Syntax, frames: readonly Frame[]): number {
  return new CodeReader(syntax, frames).read(text).read("\n").faults;
}
