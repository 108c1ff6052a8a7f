const CLOSER_OF = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
const CLOSERS = new Set(CLOSER_OF.values());
const QUOTES = new Set(['"', "'", "`"]);

/**
 * How many brackets of a text have no partner.
 *
 * Knows no language: what stands between two quotes on one line is passed over, a lone quote up to the line's end. Good for
 * comparing texts that differ in one place.
 */
export function unmatchedBrackets(text: string): number {
  const open: string[] = [];
  let unmatched = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    const closer = CLOSER_OF.get(character);
    if (QUOTES.has(character)) at = endOfQuote(text, at);
    else if (closer !== undefined) open.push(closer);
    else if (!CLOSERS.has(character)) continue;
    else if (open.at(-1) === character) open.pop();
    else unmatched += 1;
  }
  return unmatched + open.length;
}

/** Index of the quote that ends the one at `start`, or of the last character of its line. */
function endOfQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === text[start]) return at;
    else if (text[at] === "\n") return at;
  }
  return text.length;
}
