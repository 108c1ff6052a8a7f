import type { Surroundings } from "./surroundings.js";
import type { Trimmed } from "./trimmed.js";

const MEANINGFUL = /[\p{L}\p{N}_]/u;
const WORD = /^[\p{L}\p{N}_]+$/u;
const WORD_END = /[\p{L}\p{N}_]+$/u;
/** Zeros, bytes, digits of a hash: what data is made of. */
const DATA = /^(?=.*\d)[\dA-Fa-fx_\\.,;:+\-\s()[\]{}]+$/;
/** A piece of a line is a loop when it comes more often in a row. */
const MOST_REPEATS = 8;
const LOOP = /(\S{1,12}\s?)\1{7,}/g;
/** Within one word, and in data, the same comes often; over more characters than these nobody wrote it. */
const LONGEST_RUN = 72;
const BEGUN_LOOP = /^(\S{1,12}\s?)\1{2,}\S{0,12}\s?$/;
const BEGUN_IN_WORD = /([\p{L}\p{N}_]{1,12}?)\1{2,}[\p{L}\p{N}_]{0,11}$/u;

/** Cuts the first line where a piece of it comes too often in a row; where that is within a word, before the word. What may become so waits. */
export function withoutPieceLoops(text: string, _around: Surroundings, isEnded: boolean): Trimmed {
  const [line] = text.split("\n", 1);
  for (const { 0: run, 1: piece, index } of line.matchAll(LOOP)) {
    if (!MEANINGFUL.test(piece)) continue;
    if (WORD.test(piece)) {
      if (run.length > LONGEST_RUN) return { text: line.slice(0, wordStart(line, index)), isCut: true };
      continue;
    }
    const most = DATA.test(piece) ? Math.floor(LONGEST_RUN / piece.length) : MOST_REPEATS;
    if (run.length < most * piece.length || (most > MOST_REPEATS && run.length === most * piece.length)) continue;
    return { text: index === 0 && most === MOST_REPEATS ? "" : line.slice(0, index + most * piece.length), isCut: true };
  }
  return isEnded || line !== text ? { text, isCut: false } : { text: text.slice(0, loopStart(text)), isCut: false };
}

/** Where a loop begins that a line without its end may be in; the length of the line where there is none. */
function loopStart(line: string): number {
  const inWord = BEGUN_IN_WORD.exec(line);
  if (inWord !== null) return wordStart(line, inWord.index);
  return BEGUN_LOOP.test(line) && MEANINGFUL.test(line) ? 0 : line.length;
}

function wordStart(line: string, index: number): number {
  return index - (WORD_END.exec(line.slice(0, index))?.[0].length ?? 0);
}
