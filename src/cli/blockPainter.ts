import type { Colors } from "picocolors/types.js";
import { visible } from "./visible.js";

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
