/** A change of a document, in UTF-16 units. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

const PAIRS = new Set(["()", "[]", "{}", '""', "''", "``", "<>"]);
/** Enter between two brackets: the closing one goes to a line below the cursor's. */
const ENTERED_BETWEEN = /^(\r?\n[ \t]*)\r?\n[ \t]*$/;
const MAX_TYPED_UNITS = 1000;

/**
 * Where the cursor will be after what looks like typing, before the editor says so.
 *
 * @returns undefined when the change looks like something else: a paste of much text, a rename, a format
 */
export function typedPlace(changes: readonly TextChange[]): number | undefined {
  if (changes.length !== 1) return undefined;
  const [{ rangeOffset, text }] = changes;
  if (text.length > MAX_TYPED_UNITS) return undefined;
  const entered = ENTERED_BETWEEN.exec(text);
  if (entered !== null) return rangeOffset + entered[1].length;
  return rangeOffset + (PAIRS.has(text) ? 1 : text.length);
}
