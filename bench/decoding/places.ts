import { contextOf, drawPlaces } from "../library/speedPlaces.js";
import type { SourceFile } from "../library/sourceFiles.js";
import type { LoadedModels } from "../../src/engine/models/loadedModels.js";
import { promptOf } from "../../src/engine/serve/prompt.js";
import type { Prompt } from "../../src/text/promptWindow.js";

/** Tokens around a place. */
export const CONTEXT_TOKENS = 512;
/** Most tokens written at a place. */
export const MOST_TOKENS = 64;

/** A place in a file, as text and as the models read it. */
export interface MeasuredPlace {
  readonly prefix: string;
  readonly suffix: string;
  readonly prompt: Prompt;
}

/** Places drawn from files by a seed. */
export function placesOf(models: LoadedModels, files: readonly SourceFile[], count: number, seed: number): MeasuredPlace[] {
  const request = { requestId: 0, maxTokens: MOST_TOKENS, temperature: 0, topP: 1, seed };
  return drawPlaces(files, models.tokenizer, count, CONTEXT_TOKENS, seed).map((place) => {
    const around = contextOf(place, models.tokenizer, CONTEXT_TOKENS);
    return { ...around, prompt: promptOf(models, { ...request, ...around }) };
  });
}
