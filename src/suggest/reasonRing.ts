/** Why nothing was shown at a place. */
export interface Reason {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** The latest reasons, latest first; the same reason at the same line again only renews its time. */
export class ReasonRing {
  readonly #limit: number;
  #reasons: readonly Reason[] = [];

  constructor(limit = 10) {
    this.#limit = limit;
  }

  add(reason: Reason): void {
    const isSame = ({ file, line, text }: Reason): boolean => file === reason.file && line === reason.line && text === reason.text;
    this.#reasons = [reason, ...this.#reasons.filter((each) => !isSame(each))].slice(0, this.#limit);
  }

  get latest(): readonly Reason[] {
    return this.#reasons;
  }
}
