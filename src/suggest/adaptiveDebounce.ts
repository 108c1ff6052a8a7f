import { median } from "../base/median.js";

const SAMPLES = 15;
/** An engine this fast is asked at each key: cancelling costs less than waiting. */
const FAST_MS = 120;
const LONGEST_MS = 200;

/** How long to wait after a key before the engine is asked, at a place whose surroundings it has read. */
export interface Debounce {
  readonly waitMs: number;
  /** @param ms from a request to its first text */
  add(ms: number): void;
  /** The next key came before the wait was over. */
  cutShort(): void;
  /** The next key came before the first text. @param ms from the request until then */
  tooLate(ms: number): void;
}

/**
 * Waits by how long the engine takes to its first text.
 *
 * A wait longer than the time between two keys would never learn that the engine is quick by now: each that is cut short halves the next.
 */
export class AdaptiveDebounce implements Debounce {
  readonly #firstTextMs: number[] = [];
  #cutShort = 0;

  add(ms: number): void {
    this.#cutShort = 0;
    this.#firstTextMs.push(ms);
    if (this.#firstTextMs.length > SAMPLES) this.#firstTextMs.shift();
  }

  cutShort(): void {
    this.#cutShort += 1;
  }

  tooLate(ms: number): void {
    this.add(Math.max(ms, this.#typicalMs));
  }

  /** Milliseconds; 0 until something was measured. */
  get waitMs(): number {
    const ms = Math.min(LONGEST_MS, Math.max(0, (this.#typicalMs - FAST_MS) / 2));
    return Math.round(ms / 2 ** this.#cutShort);
  }

  get #typicalMs(): number {
    return this.#firstTextMs.length === 0 ? 0 : median(this.#firstTextMs);
  }
}
