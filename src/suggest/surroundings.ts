import { CodeAround } from "./codeAround.js";

/** The lines around a cursor that decide what may be shown there; without line ends. */
export interface Surroundings {
  /** The cursor's line before it. */
  readonly linePrefix: string;
  /** The cursor's line behind it. */
  readonly lineSuffix: string;
  /** The last line above that is not blank, as it stands; "" when there is none. */
  readonly lineAbove: string;
  /** The next lines below that are not blank. */
  readonly linesBelow: readonly string[];
  /** What is open at the cursor, and closed after it. */
  readonly code: CodeAround;
}

const LINES_BELOW = 8;
const LINES_SEEN = 40;

/** Reads the surroundings out of the text before and behind a cursor. */
export function surroundingsOf(prefix: string, suffix: string, languageId?: string): Surroundings {
  const above = prefix.slice(-20_000).split(/\r?\n/);
  const below = suffix.slice(0, 20_000).split(/\r?\n/, LINES_SEEN);
  const linePrefix = above.pop() ?? "";
  const lineSuffix = below.shift() ?? "";
  return {
    linePrefix,
    lineSuffix,
    lineAbove: above.findLast((line) => line.trim() !== "") ?? "",
    linesBelow: below.filter((line) => line.trim() !== "").slice(0, LINES_BELOW),
    code: new CodeAround(prefix, suffix, languageId),
  };
}
