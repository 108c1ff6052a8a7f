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
    return visible(block)
      .split("\n")
      .map((line) => (line === "" ? "" : paint(line)))
      .join("\n");
  };
}

/** `text` with LF line ends and without anything that a terminal would obey, tabs and line ends aside. */
function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/\p{Cc}/gu, (control) => {
    if (control === "\n" || control === "\t") return control;
    const code = control.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\u2421";
  });
}
