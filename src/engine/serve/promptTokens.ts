import type { VerifierEntry } from "../../protocol/manifest.js";

/** So long a person may wait for the first text where nothing of the prompt is cached. */
const COLD_READ_MS = 1000;
/** With less, a model knows too little of the file; with more, what is far away costs more memory and time than it tells. */
const [FEWEST, MOST] = [384, 4096];
/** Until the speed is known. */
const USUAL = 1024;
/** A model of so few parameters reads the usual prompt in no time, whatever was measured while the machine was busy. */
const SMALL_PARAMETERS = 50e6;
/** Budgets are multiples of it: a machine that is measured twice mostly gets the same. */
const STEP = 128;

/**
 * How many tokens a prompt has at most: what the model can read in a second on this machine.
 *
 * @param tokensPerMs how fast it reads; undefined: not known yet
 */
export function promptTokensFor({ parameters, contextTokens }: Pick<VerifierEntry, "parameters" | "contextTokens">, tokensPerMs?: number): number {
  if (tokensPerMs === undefined) return USUAL;
  const fewest = parameters < SMALL_PARAMETERS ? USUAL : FEWEST;
  const most = Math.max(fewest, Math.min(MOST, contextTokens / 2));
  const read = Math.min(most, Math.max(fewest, tokensPerMs * COLD_READ_MS));
  return Math.floor(read / STEP) * STEP;
}
