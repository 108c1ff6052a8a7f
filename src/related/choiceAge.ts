/** A look at a place of a document. */
export interface Look {
  readonly uri: string;
  readonly line: number;
  readonly atMs: number;
}

const KEPT_MS = 10_000;
const QUIET_MS = 1500;
const JUMP_LINES = 30;

/**
 * When what was chosen for a place is chosen anew: in another document, after a jump, and after a while, but then not between
 * two keys: another beginning of the prompt costs the reading of all of it.
 */
export class ChoiceAge {
  #chosen: Look | undefined;
  #lastMs = -Infinity;
  #isIncomplete = false;

  /** Notes a look. @returns whether it is time to choose */
  isDue(look: Look): boolean {
    const isQuiet = look.atMs - this.#lastMs >= QUIET_MS;
    this.#lastMs = look.atMs;
    const chosen = this.#chosen;
    const isKept = chosen?.uri === look.uri && Math.abs(chosen.line - look.line) <= JUMP_LINES;
    if (isKept && !(isQuiet && (this.#isIncomplete || look.atMs - chosen.atMs >= KEPT_MS))) return false;
    this.#chosen = look;
    this.#isIncomplete = false;
    return true;
  }

  /** More has become known than was there to choose from: the next look after a rest is a reason to choose. */
  incomplete(): void {
    this.#isIncomplete = true;
  }

  /** The next look is a reason to choose. */
  forget(): void {
    this.#chosen = undefined;
  }
}
