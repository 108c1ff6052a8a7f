const EAST_ASIAN = "\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff";
const WIDE_FORMS = "\\ufe30-\\ufe4f\\uff00-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}";
const WIDE = new RegExp(`[\\p{Emoji_Presentation}${EAST_ASIAN}${WIDE_FORMS}]`, "u");
const NO_WIDTH = /\p{Mn}|\p{Cf}|\p{Cc}/u;

/** A line as an editor shows it: tabs as blanks up to the next stop, and its width in columns, where some characters take two. */
export function displayText(line: string, column: number, tabSize: number): { readonly text: string; readonly width: number } {
  let [text, width] = ["", 0];
  for (const character of line) {
    if (character === "\t") {
      const blanks = tabSize - ((column + width) % tabSize);
      text += " ".repeat(blanks);
      width += blanks;
    } else {
      text += character;
      if (!NO_WIDTH.test(character)) width += WIDE.test(character) ? 2 : 1;
    }
  }
  return { text, width };
}
