import type { Random } from "../base/random.js";
import { chooseIndex, type SamplingRule } from "./sample.js";
import type { Layout } from "./sequence.js";
import type { Verifier } from "./verifier.js";

/** What every completion decoder needs. */
export interface CompletionOptions {
  readonly maxTokens: number;
  readonly rule: SamplingRule;
  readonly random: Random;
  /** Asked after each block: once true, nothing more is written. Default: never. */
  readonly isEnough?: () => boolean;
}

/** What a completion came to. */
export interface Completion {
  /** Without the end-of-text token. */
  readonly tokens: readonly number[];
  /** Tokens that each forward pass of the verifier gave; a last pass that gave only the end counts as 0. */
  readonly blocks: readonly number[];
  /** Tokens that were drafted for each of these passes. */
  readonly drafts: readonly number[];
  readonly drafted: number;
  readonly accepted: number;
}

/**
 * Decodes one token a pass until the end of text or `maxTokens`. Yields the tokens of each pass.
 *
 * Stop it between passes with `return()`.
 */
export async function* decodeAutoregressively(
  verifier: Verifier,
  layout: Layout,
  { maxTokens, rule, random, isEnough = () => false }: CompletionOptions,
): AsyncGenerator<readonly number[], Completion> {
  const written: number[] = [];
  const blocks: number[] = [];
  const probabilities = new Float64Array(verifier.vocabSize);
  while (written.length < maxTokens && !isEnough()) {
    const logits = await verifier.next({ layout, written }, 1);
    const token = chooseIndex(logits, 0, verifier.vocabSize, rule, random, probabilities);
    const isEnd = verifier.ends.has(token);
    blocks.push(isEnd ? 0 : 1);
    if (isEnd) break;
    written.push(token);
    yield [token];
  }
  return { tokens: written, blocks, drafts: blocks.map(() => 0), drafted: 0, accepted: 0 };
}
