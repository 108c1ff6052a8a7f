/** A request at a place of a document, and what has come of it so far. */
export class ShownSuggestion {
  readonly #prefix: string;
  readonly #suffix: string;
  text = "";

  /** @param prefix the whole document before the place; @param suffix after it */
  constructor(prefix: string, suffix: string) {
    this.#prefix = prefix;
    this.#suffix = suffix;
  }

  /** Whether there is still something to show at a later place: what was typed since is what it says, and it says more. */
  servesAt(prefix: string, suffix: string): boolean {
    if (suffix !== this.#suffix || !prefix.startsWith(this.#prefix) || prefix.length === this.#prefix.length) return false;
    const typed = prefix.slice(this.#prefix.length);
    return this.text.length > typed.length && this.text.startsWith(typed);
  }
}
