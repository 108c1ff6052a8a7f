import type { Position } from "./position.js";

/** The file that `lacuna demo` works on, from the folder above the built program. */
export const DEMO_FILE = "media/demo/example.py";

/** The text that the demo cuts out and has filled in again: the body of the loop over the months. */
export const DEMO_HOLE: { readonly from: Position; readonly to: Position } = { from: { line: 52, column: 9 }, to: { line: 53, column: 69 } };

/** Where the demo continues the text, knowing the code after it: between two functions. */
export const DEMO_COMPLETION: Position = { line: 47, column: 1 };

export const DEMO_COMPLETION_TOKENS = 48;
export const DEMO_RACE_TOKENS = 64;
export const DEMO_RACE_ROUNDS = 9;
