/** Lets a text through, piece by piece, up to its last allowed line, without that line's end. */
export class LineLimit {
  #linesLeft: number;

  /** @param maxLines at least 1; Infinity for no limit */
  constructor(maxLines: number) {
    this.#linesLeft = maxLines;
  }

  /** Whether nothing more gets through. */
  get isReached(): boolean {
    return this.#linesLeft === 0;
  }

  /** The part of `piece`, whose lines end in LF, that is within the limit. */
  take(piece: string): string {
    if (this.#linesLeft === 0) return "";
    for (let at = piece.indexOf("\n"); at !== -1; at = piece.indexOf("\n", at + 1)) {
      this.#linesLeft -= 1;
      if (this.#linesLeft === 0) return piece.slice(0, at);
    }
    return piece;
  }
}
