/** It has no width, and no line breaks at it. */
const WORD_JOINER = "\u2060";

/** A text that somebody else wrote, where the editor turns `$(name)` into a picture and `[text](address)` into a link: it looks the same. */
export function asLabel(text: string): string {
  return text.replaceAll(/[$\]](?=\()/g, `$&${WORD_JOINER}`);
}
