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
