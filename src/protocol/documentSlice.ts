/** The most UTF-16 units a request carries before the hole: more than any context window holds. */
export const MAX_PREFIX_UNITS = 24_000;
/** The same after the hole. */
export const MAX_SUFFIX_UNITS = 12_000;

/** Text around a hole, short enough to send. */
export interface DocumentSlice {
  readonly prefix: string;
  readonly suffix: string;
}

/**
 * Cuts what a request carries out of a document, so that a large file costs no more than a small one.
 *
 * The far ends move in steps of a quarter of the limit and not with every key, so that typing leaves the
 * start of the prefix, and with it every cached token, in place.
 *
 * @param start offset of the hole in UTF-16 units; @param end where it ends, `start` for an empty hole
 */
export function documentSlice(text: string, start: number, end: number): DocumentSlice {
  const step = MAX_PREFIX_UNITS / 4;
  const from = start <= MAX_PREFIX_UNITS ? 0 : Math.ceil((start - MAX_PREFIX_UNITS) / step) * step;
  return { prefix: text.slice(onCharacter(text, from), start), suffix: text.slice(end, onCharacter(text, end + MAX_SUFFIX_UNITS)) };
}

/** `offset`, moved right by one if it would split a surrogate pair. */
function onCharacter(text: string, offset: number): number {
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000 ? offset + 1 : offset;
}
