import { createRandom } from "../../src/base/random.js";
import type { SourceFile } from "../library/sourceFiles.js";

/** Lines to be written at a place of a file. */
export interface WritingPlace extends SourceFile {
  readonly start: number;
  readonly end: number;
}

const LINES = 10;
const LEAST_UNITS = 200;

/** `count` places, drawn with replacement over files: ten lines each, of which some hold text. */
export function writingPlaces(files: readonly SourceFile[], count: number, seed: number): WritingPlace[] {
  const random = createRandom(seed);
  const pick = (length: number): number => Math.floor(random.next() * length);
  const long = files.filter(({ text }) => text.split("\n").length > 3 * LINES);
  const places: WritingPlace[] = [];
  while (places.length < count) {
    const file = long[pick(long.length)];
    const starts = lineStarts(file.text);
    const line = pick(starts.length - LINES);
    const [start, end] = [starts[line], starts[line + LINES]];
    if (file.text.slice(start, end).trim().length >= LEAST_UNITS) places.push({ ...file, start, end });
  }
  return places;
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
