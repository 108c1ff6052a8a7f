import type { EngineClient } from "../../src/client/engineClient.js";
import type { CompleteParams, CompleteResult, Stages } from "../../src/protocol/messages.js";
import { shuffled } from "./drawSome.js";

/** A decoder with its draft length, by the name it has in results. */
export interface Racer {
  readonly name: string;
  readonly decoder: CompleteParams["decoder"];
  readonly block: CompleteParams["block"];
}

/** What every ratio is a ratio to: one-token passes, the fastest plain decoding of the same weights. */
export const BASELINE = "ar";

/** One run of one racer. */
export interface SpeedRun {
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly blocks: readonly number[];
  readonly drafts: readonly number[];
  readonly stages: Stages;
  /** At temperature 0: whether the tokens are those of the reference. */
  readonly isReference: boolean | undefined;
}

/** All racers on one prompt at one temperature. */
export interface SpeedRow {
  readonly place: string;
  readonly file: string;
  readonly context: number;
  readonly temperature: number;
  /** At temperature 0: the tokens of the reference, decoding without drafts in the passes that drafts are verified in. */
  readonly referenceTokens: number | undefined;
  readonly runs: Readonly<Record<string, readonly SpeedRun[]>>;
  /** What each racer wrote first. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface SpeedPrompt extends Pick<SpeedRow, "place" | "file" | "context" | "temperature"> {
  readonly prefix: string;
  readonly suffix: string;
  readonly maxTokens: number;
  readonly seed: number;
}

/**
 * Lets all racers write after one prompt, `rounds` times in an order drawn anew each round, so that a slow spell of the
 * machine meets them alike. The prompt has been read before any of them is timed.
 *
 * @returns undefined when it was cancelled
 */
export async function speedTrial(
  engine: Pick<EngineClient, "complete">,
  racers: readonly Racer[],
  { prefix, suffix, maxTokens, seed, ...prompt }: SpeedPrompt,
  rounds: number,
  signal: AbortSignal,
): Promise<SpeedRow | undefined> {
  if (signal.aborted) return undefined;
  const { temperature } = prompt;
  let isCancelled = false;
  const complete = async (decoder: CompleteParams["decoder"], block: CompleteParams["block"]): Promise<CompleteResult> => {
    const result = await engine.complete({ prefix, suffix, maxTokens, seed, temperature, topP: 1, decoder, block }, { signal });
    isCancelled ||= result.outcome === "cancelled" || signal.aborted;
    return result;
  };
  const reference = temperature === 0 ? await complete("arPadded", "auto") : undefined;
  const runs: Record<string, SpeedRun[]> = Object.fromEntries(racers.map(({ name }) => [name, []]));
  const texts: Record<string, string> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, decoder, block } of shuffled(racers, seed + round + prompt.place.length)) {
      if (isCancelled) return undefined;
      const { tokens, tokenIds, tokensPerSecond, blocks, drafts, stages, text } = await complete(decoder, block);
      const isReference = reference === undefined ? undefined : tokenIds.join() === reference.tokenIds.join();
      runs[name].push({ tokens, tokensPerSecond, blocks, drafts, stages, isReference });
      texts[name] ??= text;
    }
  }
  return isCancelled ? undefined : { ...prompt, referenceTokens: reference?.tokens, runs, texts };
}
