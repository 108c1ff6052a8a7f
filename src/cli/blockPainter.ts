import type { Colors } from "picocolors/types.js";

/**
 * Makes pieces of generated text ready for a terminal: neighbouring pieces differ in colour, and control
 * characters, which a terminal would obey, become visible signs.
 *
 * @param colors of picocolors; without colours the pieces look alike
 */
export function createBlockPainter(colors: Colors): (block: string) => string {
  let count = 0;
  return (block) => {
    count += 1;
    const paint = count % 2 === 1 ? colors.cyan : colors.magenta;
    return visible(block).split("\n").map((line) => (line === "" ? "" : paint(line))).join("\n");
  };
}

/** `text` with LF line ends and without anything that a terminal would obey, tabs and line ends aside. */
function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/[\u007f-\u009f]/g, "\u2421");
}
