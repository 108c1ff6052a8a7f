import { contextOf, drawPlaces } from "../library/speedPlaces.js";
import type { SourceFile } from "../library/sourceFiles.js";
import type { Pair } from "../../src/engine/models/pair.js";
import { promptOf } from "../../src/engine/serve/prompt.js";
import type { Layout } from "../../src/decode/sequence.js";

/** Tokens around a place. */
export const CONTEXT_TOKENS = 512;
/** Most tokens written at a place. */
export const MOST_TOKENS = 64;

/** A place in a file, as text and as the models read it. */
export interface MeasuredPlace {
  readonly prefix: string;
  readonly suffix: string;
  readonly layout: Layout;
}

/** Places drawn from files by a seed. */
export function placesOf(models: Pair, files: readonly SourceFile[], count: number, seed: number): MeasuredPlace[] {
  const request = { requestId: 0, maxTokens: MOST_TOKENS, temperature: 0, topP: 1, seed };
  return drawPlaces(files, models.verifier.tokenizer, count, CONTEXT_TOKENS, seed).map((place) => {
    const around = contextOf(place, models.verifier.tokenizer, CONTEXT_TOKENS);
    return { ...around, layout: promptOf(models, { ...request, ...around }) };
  });
}
