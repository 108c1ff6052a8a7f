import { CONTROL } from "../protocol/plainText.js";

/** Bold, dim, the colours of this program, and their ends. */
const OWN_COLOUR = /(\u001b\[(?:1|2|22|31|32|33|34|35|36|39)m)/;

/** `text` with LF line ends and without anything that a terminal would obey, tabs and line ends aside. */
export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(CONTROL, (control) => {
    if (control === "\n" || control === "\t") return control;
    const code = control.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\u2421";
  });
}

/** The same for a text that this program has coloured. */
export function visibleInColour(text: string): string {
  return text
    .split(OWN_COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join("");
}
