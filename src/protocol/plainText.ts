/** Longest text of a name, in UTF-16 code units. */
const MOST = 400;
/** A control character, line end, or what turns the direction of writing: what a terminal obeys, and no name has. */
export const CONTROL = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
const CONTROLS = new RegExp(`${CONTROL.source}+`, CONTROL.flags);

/** Foreign text as it can be shown in one line, in a terminal too. A text that is that already stays as it is. */
export function plainText(text: string): string {
  return text.replace(CONTROLS, " ").trim().slice(0, MOST);
}
