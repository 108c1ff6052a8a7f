/** What is changed in a document, in its old offsets. */
export interface Change {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** A text in a document that is being written in: where it stands, and whether it is still what it was. */
export class WatchedText {
  #start: number;
  readonly #length: number;
  #isWhole = true;

  constructor(start: number, length: number) {
    this.#start = start;
    this.#length = length;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Changes of one event, none of which overlaps another. What is written right before or behind the text leaves it whole. */
  change(changes: readonly Change[]): void {
    const start = this.#start;
    for (const { rangeOffset, rangeLength, text } of changes) {
      if (rangeOffset + rangeLength <= start) this.#start += text.length - rangeLength;
      else if (rangeOffset < start + this.#length) this.#isWhole = false;
    }
  }
}
