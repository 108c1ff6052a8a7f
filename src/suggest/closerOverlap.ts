import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

const PARTNERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const OPENERS = new Set(Object.values(PARTNERS));
const QUOTES = new Set(['"', "'", "`"]);
const CLOSERS_FIRST = /^[)\]}"'`]/;

/** What is open while a text is read from left to right. Brackets in quotes do not count. */
class OpenPairs {
  readonly #brackets: string[] = [];
  #quote: string | undefined;

  /** @returns whether the character closes what nothing opened since the start */
  read(character: string): boolean {
    if (this.#quote !== undefined) {
      // A quote that is not closed on its line was an apostrophe.
      if (character === this.#quote || (character === "\n" && this.#quote !== "`")) this.#quote = undefined;
      return false;
    }
    if (QUOTES.has(character)) this.#quote = character;
    else if (OPENERS.has(character)) this.#brackets.push(character);
    else if (character in PARTNERS) {
      if (this.#brackets.at(-1) !== PARTNERS[character]) return true;
      this.#brackets.pop();
    }
    return false;
  }

  get quote(): string | undefined {
    return this.#quote;
  }

  get hasBrackets(): boolean {
    return this.#brackets.length > 0;
  }

  readAll(text: string): this {
    for (const character of text) this.read(character);
    return this;
  }
}

/** Closing brackets and quotes of a text whose opening ones are not in it but before it, in order. */
function unmatchedClosers(text: string, linePrefix: string): string {
  const quote = new OpenPairs().readAll(linePrefix).quote;
  const end = quote === undefined ? -1 : text.indexOf(quote);
  const pairs = new OpenPairs();
  let unmatched = end === -1 ? "" : quote!;
  for (const character of text.slice(end + 1)) if (pairs.read(character)) unmatched += character;
  return unmatched;
}

/**
 * How many characters right behind the cursor a suggestion writes anew: the closers that an editor put there and the
 * suggestion closes too. They are replaced, so that none stands twice.
 */
export function closerOverlap(text: string, { linePrefix, lineSuffix }: Surroundings): number {
  if (!CLOSERS_FIRST.test(lineSuffix)) return 0;
  const unmatched = unmatchedClosers(text, linePrefix);
  const behind = lineSuffix.trimEnd();
  if (unmatched !== "" && text.endsWith(behind)) return behind.length;
  let count = Math.min(unmatched.length, lineSuffix.length);
  while (count > 0 && !unmatched.endsWith(lineSuffix.slice(0, count))) count -= 1;
  return count;
}

/** Where the editor has closed what was opened on the line, cuts at the first bracket that closes one more. */
export function withoutExcessClosers(text: string, { linePrefix, lineSuffix }: Surroundings): Trimmed {
  const pairs = new OpenPairs().readAll(linePrefix);
  if (!CLOSERS_FIRST.test(lineSuffix) || !pairs.hasBrackets) return { text, isCut: false };
  const [line] = text.split("\n");
  for (let at = 0; at < line.length; at += 1) if (pairs.read(line[at])) return { text: text.slice(0, at), isCut: true };
  return { text, isCut: false };
}

const SEPARATORS = /^[:;,]+$/;

/** A fill without the closers and separators at its end that stand behind the hole already. */
export function withoutDoubledEnd(text: string, around: Surroundings): string {
  const behind = around.lineSuffix.trimEnd();
  const overlap = closerOverlap(text, around);
  for (let length = Math.min(text.length, behind.length); length > 0; length -= 1) {
    const end = behind.slice(0, length);
    if (text.endsWith(end) && (length <= overlap || SEPARATORS.test(end))) return text.slice(0, -length);
  }
  return text;
}
