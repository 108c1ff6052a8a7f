import { median } from "../base/median.js";

const SAMPLES = 15;
/** An engine this fast is asked at each key: cancelling costs less than waiting. */
const FAST_MS = 80;
const LONGEST_MS = 200;

/** How long to wait after a key before the engine is asked. */
export interface Debounce {
  readonly waitMs: number;
  /** @param ms from a request to its first text */
  add(ms: number): void;
}

/** Waits by how long the engine takes to its first text. */
export class AdaptiveDebounce implements Debounce {
  readonly #firstTextMs: number[] = [];

  add(ms: number): void {
    this.#firstTextMs.push(ms);
    if (this.#firstTextMs.length > SAMPLES) this.#firstTextMs.shift();
  }

  /** Milliseconds; 0 until something was measured. */
  get waitMs(): number {
    if (this.#firstTextMs.length === 0) return 0;
    return Math.min(LONGEST_MS, Math.max(0, Math.round((median(this.#firstTextMs) - FAST_MS) / 2)));
  }
}
