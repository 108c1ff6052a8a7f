/** Longest text of a name, in UTF-16 code units. */
const MOST = 400;
/** Control characters, line ends, and what turns the direction of writing. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu;

/** Foreign text as it can be shown in one line, in a terminal too. A text that is that already stays as it is. */
export function plainText(text: string): string {
  return text.replace(CONTROL, " ").trim().slice(0, MOST);
}
