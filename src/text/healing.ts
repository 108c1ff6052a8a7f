import type { Tokenizer } from "./tokenizer.js";

const SPACE_AFTER_TEXT = /\S $/;
/** A word that may go on. What other letters are made of is cut by tokens anywhere. */
const BEGUN_WORD = /(?<!\p{L})[A-Za-z_]+$/u;
/** So much of a line is made tokens again. */
const MOST_UNITS = 200;
const LONGEST_WORD = 40;

/**
 * The end of a prefix that an answer writes anew: the space after a word, or a word that is begun, from the beginning of its first
 * token on; else "".
 *
 * In the tokens of most models a space belongs to the word after it, and a word is one token. A prompt that ends with the space says
 * that something else comes, and one that ends within the word that none of its usual tokens does; the model obliges. So the prompt ends
 * before it, and the answer must begin with it: see `TextBeginnings`.
 *
 * Source: "token healing", Guidance (github.com/guidance-ai/guidance).
 */
export function healedEnd(prefix: string, tokenizer: Tokenizer): string {
  if (SPACE_AFTER_TEXT.test(prefix.slice(-2))) return " ";
  const lineStart = prefix.lastIndexOf("\n");
  const tail = prefix.slice(Math.max(0, lineStart, prefix.length - MOST_UNITS));
  const word = BEGUN_WORD.exec(tail)?.[0] ?? "";
  if (word === "" || word.length > LONGEST_WORD) return "";
  let healed = "";
  for (const token of tokenizer.encode(tail).toReversed()) {
    if (healed.length >= word.length) break;
    healed = tokenizer.decode([token]) + healed;
  }
  return tail.endsWith(healed) && !healed.includes("\n") ? healed : word;
}

/** The same where no tokenizer is at hand: of a word that is begun all of it, with the space before it, which its first token mostly holds. */
export function healedWord(prefix: string): string {
  if (SPACE_AFTER_TEXT.test(prefix.slice(-2))) return " ";
  const tail = prefix.slice(Math.max(0, prefix.lastIndexOf("\n") + 1, prefix.length - MOST_UNITS));
  const word = BEGUN_WORD.exec(tail)?.[0] ?? "";
  if (word === "" || word.length > LONGEST_WORD) return "";
  const before = tail.slice(0, tail.length - word.length);
  return /\S $/.test(before) ? ` ${word}` : word;
}
