import { createRandom } from "../../src/base/random.js";
import type { DocumentSlice } from "../../src/protocol/documentSlice.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { Tokenizer } from "../../src/text/tokenizer.js";
import { shuffled } from "./drawSome.js";
import type { SourceFile } from "./sourceFiles.js";

/** A place in a file where text is to be written, with as much around it as a prompt may have. */
export interface SpeedPlace {
  readonly file: string;
  /** UTF-16 units before it; a line start. */
  readonly offset: number;
  readonly prefixTokens: readonly number[];
  readonly suffixTokens: readonly number[];
}

/** Share of a context that stands after the place. */
const SUFFIX_SHARE = 0.3;
/** More UTF-16 units a token than ordinary code has: bounds how much text is tokenized. */
const UNITS_PER_TOKEN = 8;
/** Lines of a file that are tried. */
const TRIES = 20;

/**
 * Draws `count` places by `seed`, file after file, each with at least `contextTokens` tokens around it.
 *
 * @throws LacunaError `benchUnusable` when the files are too short for it
 */
export function drawPlaces(files: readonly SourceFile[], tokenizer: Tokenizer, count: number, contextTokens: number, seed: number): SpeedPlace[] {
  const random = createRandom(seed);
  const places: SpeedPlace[] = [];
  const taken = new Set<string>();
  let pool = shuffled(files, seed);
  while (places.length < count && pool.length > 0) {
    const fertile: SourceFile[] = [];
    for (const source of pool) {
      if (places.length >= count) break;
      const place = drawPlace(source, tokenizer, contextTokens, random.next, taken);
      if (place === undefined) continue;
      taken.add(`${place.file} ${place.offset}`);
      places.push(place);
      fertile.push(source);
    }
    pool = fertile;
  }
  if (places.length < count) {
    const sentence = `The files have ${places.length} places with ${contextTokens} tokens around them, not ${count}.`;
    throw new LacunaError("benchUnusable", sentence, "Name a folder with more or longer files, or ask for fewer places or shorter contexts.");
  }
  return places;
}

function drawPlace(
  { file, text }: SourceFile,
  tokenizer: Tokenizer,
  contextTokens: number,
  next: () => number,
  taken: ReadonlySet<string>,
): SpeedPlace | undefined {
  const suffixWanted = Math.ceil(contextTokens * SUFFIX_SHARE);
  const units = contextTokens * UNITS_PER_TOKEN;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const offset = text.indexOf("\n", Math.floor(next() * text.length)) + 1;
    if (offset === 0 || taken.has(`${file} ${offset}`)) continue;
    const prefixTokens = tokenizer.encode(text.slice(Math.max(0, offset - units), offset));
    const suffixTokens = tokenizer.encode(text.slice(offset, offset + units));
    const isEnough = prefixTokens.length >= contextTokens - suffixWanted && suffixTokens.length >= suffixWanted;
    if (isEnough) return { file, offset, prefixTokens, suffixTokens };
  }
  return undefined;
}

/** The text around a place, of `contextTokens` tokens together. */
export function contextOf(place: SpeedPlace, tokenizer: Tokenizer, contextTokens: number): DocumentSlice {
  const { prefixTokens, suffixTokens } = place;
  const suffixWanted = Math.floor(contextTokens * SUFFIX_SHARE);
  const text = (tokens: readonly number[]): string => tokenizer.decode(tokens).replaceAll(/^\ufffd+|\ufffd+$/g, "");
  return { prefix: text(prefixTokens.slice(suffixWanted - contextTokens)), suffix: text(suffixTokens.slice(0, suffixWanted)) };
}
