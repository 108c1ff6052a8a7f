/** A place in a document where something may be written: what stands before and after it. */
export interface Place {
  /** The document's address. */
  readonly uri: string;
  readonly prefix: string;
  readonly suffix: string;
  /** The document's language, as the editor names it; default: not known. */
  readonly languageId?: string | undefined;
}

/** Whether two places are of the same document and have the same text on either side. */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.uri === b.uri && a.prefix === b.prefix && a.suffix === b.suffix;
}

/** Characters that may have been typed or taken back between two places that count as near. */
const FEW = 40;

/** Whether somebody gets from one place to the other with a few keys: what stands before both is the same but for a few characters. */
export function isNearPlace(a: Place, b: Place): boolean {
  const shared = Math.max(0, Math.min(a.prefix.length, b.prefix.length) - FEW);
  const isFew = Math.abs(a.prefix.length - b.prefix.length) <= FEW;
  return a.uri === b.uri && isFew && b.prefix.startsWith(a.prefix.slice(0, shared));
}
