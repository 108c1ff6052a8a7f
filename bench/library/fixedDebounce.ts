import type { Debounce } from "../../src/suggest/adaptiveDebounce.js";

/** Waits the same time after each key. */
export const fixedDebounce = (waitMs: number): Debounce => ({ waitMs, add: () => {}, cutShort: () => {}, tooLate: () => {} });
