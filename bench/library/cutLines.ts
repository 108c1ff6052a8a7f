import { createRandom } from "../../src/base/random.js";
import { functionOf, type InfillingRow } from "./infillingRows.js";

/** How many whole lines a hole takes. */
export interface LineCount {
  readonly least: number;
  readonly most: number;
}

/**
 * Rows with holes of several whole lines, cut by chance into the bodies of the functions that `rows` come from; one function in
 * `rows` gives at most `holesEach`, of different places.
 *
 * A hole begins and ends with lines that are not blank, and takes what ends its last line.
 */
export function cutLines(rows: readonly InfillingRow[], { least, most }: LineCount, holesEach: number, seed: number): InfillingRow[] {
  const random = createRandom(seed);
  const between = (low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));
  return [...shortestPrefixes(rows)].flatMap(([name, row]) => {
    const lines = (row.canonical_solution + row.suffix).split(/(?<=\n)/);
    const found = new Map<string, InfillingRow>();
    // Chance may meet the same place twice, or a blank line; short bodies have few places.
    for (let tries = 0; tries < 8 * holesEach && found.size < holesEach; tries += 1) {
      if (lines.length < least) break;
      const count = between(least, Math.min(most, lines.length));
      const first = between(0, lines.length - count);
      const hole = lines.slice(first, first + count);
      if (hole[0].trim() === "" || hole[count - 1].trim() === "") continue;
      const place = `${name}/lines${first + 1}-${first + count}`;
      const before = row.prompt + lines.slice(0, first).join("");
      const after = lines.slice(first + count).join("");
      found.set(place, { ...row, task_id: place, prompt: before, canonical_solution: hole.join(""), suffix: after });
    }
    return [...found.values()];
  });
}

/** Of each function the row whose hole begins first: what stands before it is no body yet. */
function shortestPrefixes(rows: readonly InfillingRow[]): Map<string, InfillingRow> {
  const shortest = new Map<string, InfillingRow>();
  for (const row of rows) {
    const known = shortest.get(functionOf(row));
    if (known === undefined || row.prompt.length < known.prompt.length) shortest.set(functionOf(row), row);
  }
  return shortest;
}
