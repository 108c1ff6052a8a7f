import type { Position } from "./position.js";

/** The file that `lacuna demo` works on, from the folder above the built program. */
export const DEMO_FILE = "media/demo/example.py";

interface Cut {
  readonly from: Position;
  readonly to: Position;
}

/** The text that the demo cuts out and has filled in again: what a function returns. */
export const DEMO_HOLE: Cut = { from: { line: 69, column: 5 }, to: { line: 69, column: 28 } };

/** What the demo cuts out to continue the text there, knowing the code after it: a line much like one of the function above. */
export const DEMO_COMPLETION: Cut = { from: { line: 53, column: 9 }, to: { line: 53, column: 67 } };

export const DEMO_COMPLETION_TOKENS = 48;
export const DEMO_RACE_TOKENS = 64;
const MOST_RACE_ROUNDS = 9;
/** What the timed rounds of the race may take, about. */
const RACE_MS = 2000;

/** How many rounds the race has with models that write so fast: fewer with large ones, but one. */
export function demoRaceRounds(tokensPerSecond: number): number {
  const roundMs = (2 * DEMO_RACE_TOKENS * 1000) / Math.max(1, tokensPerSecond);
  return Math.max(1, Math.min(MOST_RACE_ROUNDS, Math.floor(RACE_MS / roundMs)));
}
