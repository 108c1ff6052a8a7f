/** A part of a document that is to be filled: offsets in UTF-16 units, `end` exclusive and equal to `start` at a cursor. */
export interface Hole {
  readonly start: number;
  readonly end: number;
}

/** What stands for text that is to come: a blank of three underscores or more, or a note that says so with its comment marks. */
const PLACEHOLDER = new RegExp(
  [
    "(?<![\\w$])_{3,}(?![\\w$])",
    "(?<opener>/\\*|<!--)\\s*TODO: ?fill\\b",
    "(?:\\/\\/|#|--|;|%)[ \\t]*TODO: ?fill\\b[^\\r\\n]*",
    "\\bTODO: ?fill\\b",
  ].join("|"),
  "gi",
);
const CLOSER_OF: Readonly<Record<string, string>> = { "/*": "*/", "<!--": "-->" };

/** Every placeholder of a text, in order. */
export function placeholders(text: string): Hole[] {
  const lastCloser = Object.fromEntries(Object.values(CLOSER_OF).map((closer) => [closer, text.lastIndexOf(closer)]));
  const holes: Hole[] = [];
  const pattern = new RegExp(PLACEHOLDER);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const closer = CLOSER_OF[match.groups?.opener ?? ""];
    // A comment without an end is none; what it says is still a note. Nobody looks for an end that is not there.
    const isClosed = closer !== undefined && lastCloser[closer] >= pattern.lastIndex;
    const start = closer === undefined || isClosed ? match.index : match.index + match[0].search(/TODO/i);
    if (isClosed) pattern.lastIndex = text.indexOf(closer, pattern.lastIndex) + closer.length;
    holes.push({ start, end: pattern.lastIndex });
  }
  return holes;
}

/**
 * The holes that cursors and selections mean: what is selected, the placeholder a cursor is in or at, else the cursor's place.
 *
 * @param selections in any order; they may touch but not overlap, as an editor's do
 * @returns in the order of the text, each once
 */
export function selectedHoles(text: string, selections: readonly Hole[]): Hole[] {
  const found = selections.some(({ start, end }) => start === end) ? placeholders(text) : [];
  const holes = selections.map(({ start, end }) => {
    if (start !== end) return { start, end };
    return found.find((each) => each.start <= start && start <= each.end) ?? { start, end };
  });
  const sorted = holes.sort((a, b) => a.start - b.start || a.end - b.end);
  return sorted.filter((hole, index) => index === 0 || hole.start > sorted[index - 1].start || hole.end > sorted[index - 1].end);
}

/** The most lines that a hole may get: one where the hole is within a line and text stands behind it; undefined for any number. */
export function mostLines(text: string, { start, end }: Hole): 1 | undefined {
  const [behind] = text.slice(end).split(/\r?\n/, 1);
  return behind.trim() === "" || text.slice(start, end).includes("\n") ? undefined : 1;
}

/**
 * The text before and behind one of several holes when those before it are filled.
 *
 * @param fills texts of the holes, undefined where there is none yet
 */
export function textAround(
  text: string,
  holes: readonly Hole[],
  fills: readonly (string | undefined)[],
  index: number,
): { readonly prefix: string; readonly suffix: string } {
  let [prefix, at] = ["", 0];
  for (const [each, { start, end }] of holes.slice(0, index).entries()) {
    prefix += text.slice(at, start) + (fills[each] ?? text.slice(start, end));
    at = end;
  }
  return { prefix: prefix + text.slice(at, holes[index].start), suffix: text.slice(holes[index].end) };
}
