import type { InfillParams } from "../../protocol/messages.js";

const MEANINGFUL = /[\p{L}\p{N}_]{2}/u;

/** Whether a middle begins with the line that stands below its hole already: seldom what is missing, and never shown where more lines follow suit. */
export function saysLineBelow(middle: string, { prefix, suffix }: Pick<InfillParams, "prefix" | "suffix">): boolean {
  const begun = prefix.slice(prefix.lastIndexOf("\n") + 1);
  const [rest, ...lines] = suffix.split("\n");
  const below = [...(begun.trim() === "" ? [begun + rest] : []), ...lines].find((line) => line.trim() !== "");
  const [first, ...others] = middle.split("\n");
  const said = [first.trim() === "" ? "" : begun + first, ...others].find((line) => line.trim() !== "");
  return below !== undefined && MEANINGFUL.test(below) && said?.trim() === below.trim();
}
