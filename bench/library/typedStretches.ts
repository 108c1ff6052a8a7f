import type { PlaceKind } from "../../src/protocol/suggestionBars.js";
import { COMMENT } from "../../src/suggest/suggestionExtent.js";
import type { Random } from "../../src/base/random.js";

/** A text of which a part is missing, and is typed anew from its start on. */
export interface Stretch {
  readonly file: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What was suggested at one key of a stretch. */
export interface TypedKey {
  readonly kind: PlaceKind;
  /** What was typed since the key before. */
  readonly typed: string;
  /** The suggestion, whatever its likelihood; undefined where there was none. */
  readonly shown: string | undefined;
  /** See `LineLikelihood`. */
  readonly logProbs: readonly number[];
  /** Whether the first line, put in, is the one that was typed next. */
  readonly isRight: boolean;
}

/** Keys of a stretch that are typed; what is missing may be longer. */
const MOST_KEYS = 24;
const ARGUMENTS = /\(([^()\n]{4,60})\)/g;
const PROSE = /\.(md|txt|rst)$/;

/** Draws a stretch: what brackets hold, or a line of code, of comment or of prose, from its first word to the end of the next line. */
export function drawStretch(file: string, text: string, wanted: PlaceKind, random: Random): Stretch | undefined {
  if ((wanted === "prose") !== PROSE.test(file)) return undefined;
  const lines = [...text.matchAll(/[^\n]+/g)].filter(([line]) => line.trim().length >= 12);
  if (wanted === "middle") {
    const all = [...text.matchAll(ARGUMENTS)].filter((match) => !COMMENT.test(lineAt(text, match.index)));
    const chosen = all[Math.floor(random.next() * all.length)];
    return chosen && { file, text, start: chosen.index + 1, end: chosen.index + 1 + chosen[1].length };
  }
  const isWanted = ([line]: readonly [string, ...string[]] | RegExpExecArray): boolean =>
    wanted === "prose" || COMMENT.test(line) === (wanted === "comment");
  const all = lines.filter(isWanted);
  const chosen = all[Math.floor(random.next() * all.length)];
  if (chosen === undefined) return undefined;
  const start = chosen.index + chosen[0].length - chosen[0].trimStart().length;
  const lineEnd = chosen.index + chosen[0].length;
  const nextEnd = text.indexOf("\n", lineEnd + 1);
  return { file, text, start, end: nextEnd === -1 ? lineEnd : nextEnd };
}

function lineAt(text: string, index: number): string {
  return text.slice(text.lastIndexOf("\n", index) + 1, index);
}

/** Where the cursor is before each key of a stretch; a new line comes with its indentation, as in an editor. */
export function keysOf({ text, start, end }: Stretch): number[] {
  const keys: number[] = [];
  for (let at = start; at < end && keys.length < MOST_KEYS; at += /^\n[ \t]*/.exec(text.slice(at))?.[0].length ?? 1) keys.push(at);
  return keys;
}

const FIRST_LINE = /^\s*[^\n]*/;

/**
 * Whether a suggestion's first line, put in, is how the text goes on.
 *
 * @param rest what stays of the cursor's line after the cursor
 */
export function isRightLine(shown: string, rest: string, truth: string): boolean {
  const [line] = FIRST_LINE.exec(shown)!;
  const [wanted] = FIRST_LINE.exec(truth)!;
  return (shown === line ? line + rest : line).trimEnd() === wanted.trimEnd();
}
