import type { CompleteResult } from "../protocol/messages.js";
import { raceSummary, type RaceSummary } from "./raceSummary.js";

/** `ar` decodes token by token, `deer` with drafts. */
export type RaceLane = "ar" | "deer";

/** What happens in a race, as it is told to those who watch. */
export type RaceEvent =
  | { readonly kind: "run"; readonly lane: RaceLane }
  | { readonly kind: "text"; readonly lane: RaceLane; readonly text: string }
  | { readonly kind: "ran"; readonly lane: RaceLane; readonly tokens: number; readonly verifies: number }
  | { readonly kind: "timing"; readonly rounds: number }
  | { readonly kind: "end"; readonly summary: RaceSummary };

/** Decodes the prompt of the race. */
export type RaceDecode = (decoder: RaceLane | "arPadded", signal: AbortSignal, onText: (text: string) => void) => Promise<CompleteResult>;

export interface RaceOptions {
  /** How often each decoder is timed, at least 1. */
  readonly rounds: number;
  /** How long what was told may take to be painted before the timing starts, in ms. */
  readonly settleMs: number;
}

/**
 * Decodes one prompt with drafts and without. Each is shown once, block by block; this reads the prompt and wakes the processor.
 * Both are timed afterwards and in silence, because painting takes time from them, from the one with more blocks more of it; the
 * order changes every round so that a slow spell of the machine meets both alike.
 *
 * @returns when it is over or `signal` ended it; `end` is told in the first case alone
 */
export async function runRace(
  decode: RaceDecode,
  { rounds, settleMs }: RaceOptions,
  signal: AbortSignal,
  tell: (event: RaceEvent) => void,
): Promise<void> {
  const lanes: readonly RaceLane[] = ["ar", "deer"];
  const runs: Record<RaceLane, CompleteResult[]> = { ar: [], deer: [] };
  const isOver = (run: CompleteResult): boolean => run.outcome === "cancelled" || signal.aborted;
  for (const lane of lanes) {
    tell({ kind: "run", lane });
    const run = await decode(lane, signal, (text) => tell({ kind: "text", lane, text }));
    if (isOver(run)) return;
    tell({ kind: "ran", lane, tokens: run.tokens, verifies: run.verifies });
  }
  tell({ kind: "timing", rounds });
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  for (let round = 1; round <= rounds; round += 1) {
    for (const lane of round % 2 === 1 ? lanes : lanes.toReversed()) {
      if (signal.aborted) return;
      const run = await decode(lane, signal, () => {});
      if (isOver(run)) return;
      runs[lane].push(run);
    }
  }
  const isSame = runs.deer.every(({ text }) => text === runs.ar[0].text);
  const reference = isSame ? undefined : await decode("arPadded", signal, () => {});
  if (!signal.aborted) tell({ kind: "end", summary: raceSummary(runs.ar, runs.deer, reference) });
}
