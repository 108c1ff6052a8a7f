import type { EngineClient } from "../../src/client/engineClient.js";
import { ONE_TOKEN, runRace, type Racer } from "../../src/measure/race.js";
import { firstDifference } from "../../src/measure/textComparison.js";
import type { CompleteResult, Stages } from "../../src/protocol/messages.js";
import { shuffled } from "./drawSome.js";

/** What every ratio is a ratio to. */
export const BASELINE = ONE_TOKEN.name;

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
 * The race of all racers on one prompt, in an order drawn anew each round. None is shown: the undrafted run reads the prompt first.
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
  const { temperature } = prompt;
  const rule = { prefix, suffix, maxTokens, seed, temperature, topP: 1 };
  const runs = await runRace(({ decoder, block, drafts }) => engine.complete({ ...rule, decoder, block, drafts }, { signal }), {
    racers,
    rounds,
    isShown: false,
    isCompared: temperature === 0,
    order: (round) => shuffled(racers, seed + round - 1 + prompt.place.length),
    isStopped: () => signal.aborted,
  });
  if (runs === undefined) return undefined;
  const { undrafted, timed } = runs;
  const rowOf = ({ tokens, tokensPerSecond, blocks, drafts, stages, tokenIds }: CompleteResult): SpeedRun => {
    const isReference = undrafted === undefined ? undefined : firstDifference({ tokenIds }, undrafted) === undefined;
    return { tokens, tokensPerSecond, blocks, drafts, stages, isReference };
  };
  const ofRacers = <T>(valueOf: (runs: readonly CompleteResult[]) => T): Record<string, T> =>
    Object.fromEntries(racers.map(({ name }) => [name, valueOf(timed[name] ?? [])]));
  return {
    ...prompt,
    referenceTokens: undrafted?.tokens,
    runs: ofRacers((each) => each.map(rowOf)),
    texts: ofRacers(([first]) => first?.text ?? ""),
  };
}
