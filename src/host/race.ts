import type { CompleteResult } from "../protocol/messages.js";
import { raceSummary, type RaceSummary } from "./raceSummary.js";

/** `ar` decodes token by token, `deer` with drafts. */
export type RaceLane = "ar" | "deer";

/** What happens in a race, as it is told to those who watch. */
export type RaceEvent =
  | { readonly kind: "warmUp" }
  | { readonly kind: "run"; readonly lane: RaceLane; readonly round: number; readonly rounds: number }
  | { readonly kind: "text"; readonly lane: RaceLane; readonly text: string }
  | { readonly kind: "ran"; readonly lane: RaceLane; readonly tokensPerSecond: number; readonly tokens: number; readonly verifies: number }
  | { readonly kind: "end"; readonly summary: RaceSummary };

/** Decodes the prompt of the race. */
export type RaceDecode = (decoder: RaceLane | "arPadded", signal: AbortSignal, onText: (text: string) => void) => Promise<CompleteResult>;

/**
 * Decodes one prompt with drafts and without, one after the other, the order changing every round so that a slow spell of the
 * machine meets both alike. Each has a run before that is not counted: it reads the prompt and wakes the processor.
 *
 * @param rounds how often each is timed, at least 1
 * @returns when it is over or `signal` ended it; `end` is told in the first case alone
 */
export async function runRace(decode: RaceDecode, rounds: number, signal: AbortSignal, tell: (event: RaceEvent) => void): Promise<void> {
  const lanes: readonly RaceLane[] = ["ar", "deer"];
  const runs: Record<RaceLane, CompleteResult[]> = { ar: [], deer: [] };
  tell({ kind: "warmUp" });
  for (const lane of lanes) if (!signal.aborted) await decode(lane, signal, () => {});
  for (let round = 1; round <= rounds; round += 1) {
    for (const lane of round % 2 === 1 ? lanes : lanes.toReversed()) {
      if (signal.aborted) return;
      tell({ kind: "run", lane, round, rounds });
      const run = await decode(lane, signal, (text) => tell({ kind: "text", lane, text }));
      if (run.outcome === "cancelled" || signal.aborted) return;
      runs[lane].push(run);
      tell({ kind: "ran", lane, tokensPerSecond: run.tokensPerSecond, tokens: run.tokens, verifies: run.verifies });
    }
  }
  const isSame = runs.deer.every(({ text }) => text === runs.ar[0].text);
  const reference = isSame ? undefined : await decode("arPadded", signal, () => {});
  if (!signal.aborted) tell({ kind: "end", summary: raceSummary(runs.ar, runs.deer, reference) });
}
