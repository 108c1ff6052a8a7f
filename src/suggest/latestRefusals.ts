/** Why nothing was shown at a place. */
export interface NotedRefusal {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** The latest refusals, latest first; the same refusal at the same line again only renews its time. */
export class LatestRefusals {
  readonly #limit: number;
  #refusals: readonly NotedRefusal[] = [];

  constructor(limit = 10) {
    this.#limit = limit;
  }

  add(refusal: NotedRefusal): void {
    const isSame = ({ file, line, text }: NotedRefusal): boolean => file === refusal.file && line === refusal.line && text === refusal.text;
    this.#refusals = [refusal, ...this.#refusals.filter((each) => !isSame(each))].slice(0, this.#limit);
  }

  get latest(): readonly NotedRefusal[] {
    return this.#refusals;
  }
}
