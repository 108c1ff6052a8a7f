import type { StringForm, Syntax } from "./syntaxOf.js";

/** What is open: a bracket, code within a string, a string or a comment. */
export interface Frame {
  readonly kind: "bracket" | "hole" | "string" | "comment";
  /** What ends it. */
  readonly closer: string;
  readonly form?: StringForm;
  /** Where it was opened, counted from the beginning of all that was read. */
  readonly at: number;
}

/** What is about to be closed. */
export interface Closing {
  /** Where, in the text that is being read. */
  readonly index: number;
  /** Which of the open frames it ends, those above it included; -1: nothing opened it. */
  readonly frame: number;
}

const CLOSER_OF: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const CLOSERS = new Set(Object.values(CLOSER_OF));
const AFTER_WORD = /[\p{L}\p{N}_]$/u;
/** What may stand right before the quote of a string, as in C++ and Rust. */
const STRING_PREFIX = /(?<![\p{L}\p{N}_])(u8|[LuUbBcN])$/u;
/** What a regular expression can follow; after anything else a slash divides. */
const BEFORE_PATTERN = /(^|[([{,;=:!&|?+\-*%<>~^]|\b(return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await))\s*$/;
const PATTERN = /\/(?![*/])(\\[^\n]|\[(\\[^\n]|[^\]\\\n]){0,99}\]|[^/\\[\n]){1,400}\/[a-z]*/y;
/** A digit of a number, before a `'` that parts its digits. */
const NUMBER_BEFORE = /\b\d[\da-fA-FxXbB.']*$/;
const MOST_BEFORE = 40;

/**
 * Reads code for what is open in it. Brackets in strings and comments do not count, code in the holes of a string does.
 *
 * A bracket that closes another than the last one closes those above it too. Its work is the same for text in one piece or several,
 * but for marks of several characters that the pieces cut.
 */
export class CodeReader {
  readonly #syntax: Syntax;
  #frames: readonly Frame[];
  #length: number;
  /** The end of what was read before. */
  #tail = "";
  #faults = 0;

  constructor(syntax: Syntax, frames: readonly Frame[] = [], length = 0) {
    this.#syntax = syntax;
    this.#frames = frames;
    this.#length = length;
  }

  /** What is open, the last one last. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  /** How often a bracket closed nothing, or a line's end a string. */
  get faults(): number {
    return this.#faults;
  }

  /** Characters that were read. */
  get length(): number {
    return this.#length;
  }

  /** @param onClosing called before a bracket or quote closes something, or nothing */
  read(text: string, onClosing?: (closing: Closing) => void): this {
    for (let at = 0; at < text.length;) at += Math.max(1, this.#step(text, at, onClosing));
    this.#length += text.length;
    this.#tail = this.#before(text, text.length);
    return this;
  }

  /** @returns how many characters were read */
  #step(text: string, at: number, onClosing?: (closing: Closing) => void): number {
    const top = this.#frames.at(-1);
    if (top?.kind === "comment") return this.#inComment(text, at, top);
    if (top?.kind === "string") return this.#inString(text, at, top, onClosing);
    return this.#inCode(text, at, onClosing);
  }

  #inComment(text: string, at: number, { closer }: Frame): number {
    if (!text.startsWith(closer, at)) return 1;
    this.#pop(this.#frames.length - 1);
    return closer.length;
  }

  #inString(text: string, at: number, { closer, form }: Frame, onClosing?: (closing: Closing) => void): number {
    const hole = form?.hole;
    if (hole !== undefined && text.startsWith(hole, at)) {
      this.#push("hole", CLOSER_OF[hole.at(-1)!], at);
      return hole.length;
    }
    if (form?.hasEscapes === true && text[at] === "\\") return text[at + 1] === "\n" ? 1 : 2;
    if (text.startsWith(closer, at)) {
      onClosing?.({ index: at, frame: this.#frames.length - 1 });
      this.#pop(this.#frames.length - 1);
      return closer.length;
    }
    if (text[at] === "\n" && form?.isMultiline !== true) {
      this.#faults += 1;
      this.#pop(this.#frames.length - 1);
    }
    return 1;
  }

  #inCode(text: string, at: number, onClosing?: (closing: Closing) => void): number {
    const character = text[at];
    const { strings, blockComments, lineComments, hasPatterns } = this.#syntax;
    for (const [opener, closer] of blockComments) if (text.startsWith(opener, at)) return this.#open("comment", closer, at, opener.length);
    for (const mark of lineComments) {
      const length = lengthOf(mark, text, at);
      if (length > 0) return this.#open("comment", "\n", at, length);
    }
    for (const form of strings) {
      const length = lengthOf(form.opener, text, at);
      if (length === 0 || (character === "'" && this.#isPrime(text, at))) continue;
      this.#push("string", form.closer(text.slice(at, at + length)), at, form);
      return length;
    }
    if (hasPatterns && character === "/" && BEFORE_PATTERN.test(this.#before(text, at))) return lengthOf(PATTERN, text, at);
    if (character in CLOSER_OF) return this.#open("bracket", CLOSER_OF[character], at, 1);
    if (CLOSERS.has(character)) this.#close(character, at, onClosing);
    return 1;
  }

  #close(character: string, index: number, onClosing?: (closing: Closing) => void): void {
    const frame = this.#frames.findLastIndex(({ closer, kind }) => kind === "string" || closer === character);
    const isThere = frame !== -1 && this.#frames[frame].kind !== "string";
    onClosing?.({ index, frame: isThere ? frame : -1 });
    if (isThere) this.#pop(frame);
    else this.#faults += 1;
  }

  /** A quote that begins nothing. */
  #isPrime(text: string, at: number): boolean {
    const before = this.#before(text, at);
    return this.#syntax.hasPrimes && AFTER_WORD.test(before) && (NUMBER_BEFORE.test(before) || !STRING_PREFIX.test(before));
  }

  /** The last characters before a place. */
  #before(text: string, at: number): string {
    const before = text.slice(Math.max(0, at - MOST_BEFORE), at);
    return before.length < MOST_BEFORE ? (this.#tail + before).slice(-MOST_BEFORE) : before;
  }

  #open(kind: Frame["kind"], closer: string, at: number, length: number): number {
    this.#push(kind, closer, at);
    return length;
  }

  #push(kind: Frame["kind"], closer: string, at: number, form?: StringForm): void {
    this.#frames = [...this.#frames, { kind, closer, at: this.#length + at, ...(form && { form }) }];
  }

  #pop(length: number): void {
    this.#frames = this.#frames.slice(0, length);
  }
}

/** Length of what stands at a place if it is the mark; 0 if not. */
function lengthOf(mark: string | RegExp, text: string, at: number): number {
  if (typeof mark === "string") return text.startsWith(mark, at) ? mark.length : 0;
  mark.lastIndex = at;
  return mark.exec(text)?.[0].length ?? 0;
}
