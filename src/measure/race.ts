import type { CompleteParams, CompleteResult } from "../protocol/messages.js";

/** A decoder with its draft length, by the name that it has in results. */
export interface Racer {
  readonly name: string;
  readonly decoder: CompleteParams["decoder"];
  readonly block: CompleteParams["block"];
  readonly drafts?: CompleteParams["drafts"];
}

/** What every speed-up is a ratio to: one-token passes, the fastest plain decoding of the same weights. */
export const ONE_TOKEN: Racer = { name: "ar", decoder: "ar", block: "auto" };
export const DRAFTED: Racer = { name: "deer", decoder: "deer", block: "auto" };
/** What drafted text must equal: decoding without drafts, in the passes in which drafts are verified. Compared, never timed. */
export const UNDRAFTED: Racer = { name: "arPadded", decoder: "arPadded", block: "auto" };

/** What happens in a race, as it is told to those who watch. */
export type RaceEvent =
  | { readonly kind: "run"; readonly racer: string }
  | { readonly kind: "text"; readonly racer: string; readonly text: string }
  | { readonly kind: "ran"; readonly racer: string; readonly tokens: number; readonly verifies: number }
  | { readonly kind: "timing"; readonly rounds: number };

export interface RaceOptions {
  readonly racers: readonly Racer[];
  /** How often each is timed, at least 1. */
  readonly rounds: number;
  /** Whether each racer runs once before the timing: it reads the prompt, wakes the processor, and may be watched. */
  readonly isShown: boolean;
  /** Whether `UNDRAFTED` runs too. Of no use when sampling. */
  readonly isCompared: boolean;
  /** Who runs after whom in a round, counted from 1; default: each round turns the order of the last one round. */
  readonly order?: (round: number) => readonly Racer[];
  readonly isStopped: () => boolean;
  readonly tell?: (event: RaceEvent) => void;
  /** Passes the time between what is shown and the timing. */
  readonly settle?: () => Promise<void>;
  /** Called after each run. */
  readonly onRun?: () => void;
}

/** The runs of one race, all on the same prompt. */
export interface RaceRuns {
  readonly undrafted: CompleteResult | undefined;
  /** By racer; those that were not timed. */
  readonly shown: Readonly<Record<string, readonly CompleteResult[]>>;
  /** By racer; one for each round. */
  readonly timed: Readonly<Record<string, readonly CompleteResult[]>>;
}

/** Writes the prompt of the race on. */
export type RaceDecode = (racer: Racer, onText: (text: string) => void) => Promise<CompleteResult>;

/** How many times a race decodes its prompt. */
export function raceLength({ racers, rounds, isShown, isCompared }: Pick<RaceOptions, "racers" | "rounds" | "isShown" | "isCompared">): number {
  return racers.length * (rounds + (isShown ? 1 : 0)) + (isCompared ? 1 : 0);
}

/**
 * Lets decoders write on from one prompt, one after the other. Each is shown once; all are timed afterwards and in silence, because
 * painting takes time from them, most from the one with the most blocks. The order changes from round to round, so that a slow
 * spell of the machine meets them alike.
 *
 * @returns undefined when it was stopped
 */
export async function runRace(decode: RaceDecode, options: RaceOptions): Promise<RaceRuns | undefined> {
  const { racers, rounds, isShown, isCompared, isStopped, tell = () => {}, onRun = () => {} } = options;
  const order = options.order ?? ((round) => (round % 2 === 1 ? racers : racers.toReversed()));
  const shown: Record<string, CompleteResult[]> = Object.fromEntries(racers.map(({ name }) => [name, []]));
  const timed: Record<string, CompleteResult[]> = Object.fromEntries(racers.map(({ name }) => [name, []]));
  const run = async (racer: Racer, onText: (text: string) => void = () => {}): Promise<CompleteResult | undefined> => {
    if (isStopped()) return undefined;
    const result = await decode(racer, onText);
    if (result.outcome === "cancelled" || isStopped()) return undefined;
    onRun();
    return result;
  };
  for (const racer of isShown ? racers : []) {
    const { name } = racer;
    tell({ kind: "run", racer: name });
    const result = await run(racer, (text) => tell({ kind: "text", racer: name, text }));
    if (result === undefined) return undefined;
    shown[name]?.push(result);
    tell({ kind: "ran", racer: name, tokens: result.tokens, verifies: result.verifies });
  }
  tell({ kind: "timing", rounds });
  await options.settle?.();
  const undrafted = isCompared ? await run(UNDRAFTED) : undefined;
  if (isCompared && undrafted === undefined) return undefined;
  for (let round = 1; round <= rounds; round += 1) {
    for (const racer of order(round)) {
      const result = await run(racer);
      if (result === undefined) return undefined;
      timed[racer.name]?.push(result);
    }
  }
  return { undrafted, shown, timed };
}
