import { identifiersIn, type NameAt } from "./identifiers.js";
import type { Writing } from "./relatedTexts.js";

const LINES_BEFORE = 8;
const LINES_AFTER = 2;
const MOST_NAMES = 8;

/** The names about the cursor whose definitions are worth asking for, the nearest first, each once where it is nearest; `at` in the text. */
export function definitionNames({ text, offset }: Writing): NameAt[] {
  const from = lineStart(text, offset, LINES_BEFORE);
  const near = text.slice(from, lineEnd(text, offset, LINES_AFTER));
  const distance = ({ name, at }: NameAt): number => (at + name.length <= offset ? offset - at - name.length : at - offset);
  const found = identifiersIn(near).map(({ name, at }) => ({ name, at: from + at }));
  const seen = new Set<string>();
  // The word that is being typed has no definition yet.
  const whole = found.filter(({ name, at }) => offset < at || offset > at + name.length);
  return whole
    .sort((a, b) => distance(a) - distance(b))
    .filter(({ name }) => !seen.has(name) && seen.add(name))
    .slice(0, MOST_NAMES);
}

/** Where the line begins that is so many lines above that of `offset`. */
function lineStart(text: string, offset: number, lines: number): number {
  let at = text.lastIndexOf("\n", offset - 1);
  for (let line = 0; line < lines && at > 0; line += 1) at = text.lastIndexOf("\n", at - 1);
  return at + 1;
}

function lineEnd(text: string, offset: number, lines: number): number {
  let at = text.indexOf("\n", offset);
  for (let line = 0; line < lines && at !== -1; line += 1) at = text.indexOf("\n", at + 1);
  return at === -1 ? text.length : at;
}
