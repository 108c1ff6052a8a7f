/** A change of a document, in UTF-16 units. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

const PAIRS = new Set(["()", "[]", "{}", '""', "''", "``", "<>"]);
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
  return rangeOffset + (PAIRS.has(text) ? 1 : text.length);
}
