const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const QUOTES = new Set(['"', "'", "`"]);

/** Closing brackets of a text whose opening ones are not in it, and a quote that is closed but was not opened, in order. */
function unmatchedClosers(text: string): string {
  const open: string[] = [];
  let unmatched = "";
  let quote: string | undefined;
  for (const [index, character] of [...text].entries()) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
    } else if (QUOTES.has(character)) {
      const rest = [...text].slice(index + 1);
      if (rest.includes(character)) quote = character;
      else unmatched += character;
    } else if (character === "(" || character === "[" || character === "{") {
      open.push(character);
    } else if (character in PAIRS) {
      if (open.at(-1) === PAIRS[character]) open.pop();
      else unmatched += character;
    }
  }
  return unmatched;
}

/**
 * How many characters right behind the cursor a suggestion writes anew: the closers that an editor put there and the
 * suggestion closes too. They are replaced, so that none stands twice.
 */
export function closerOverlap(text: string, lineSuffix: string): number {
  const unmatched = unmatchedClosers(text);
  let count = 0;
  while (count < unmatched.length && unmatched[count] === lineSuffix[count]) count += 1;
  return count;
}
