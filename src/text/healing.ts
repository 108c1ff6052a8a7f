const SPACE_AFTER_TEXT = /\S $/;

/**
 * The end of a prefix that an answer writes anew: the space after a word, else "".
 *
 * In the tokens of most models a space belongs to the word after it. A prompt that ends with the space says that something else comes,
 * and the model obliges. So the prompt ends before it, and the answer must begin with it.
 *
 * Source: "token healing", Guidance (github.com/guidance-ai/guidance).
 */
export function healedEnd(prefix: string): string {
  return SPACE_AFTER_TEXT.test(prefix) ? " " : "";
}
