import type { DocumentSlice } from "../protocol/documentSlice.js";
import type { CompleteParams, CompleteResult } from "../protocol/messages.js";
import type { RaceRuns } from "./raceReport.js";
import type { Session } from "./session.js";

/** What a race is run on. */
export interface RaceCourse {
  readonly hole: DocumentSlice;
  readonly maxTokens: number;
  readonly rounds: number;
}

/** How many requests a race of `rounds` makes: a reference, a warm-up of each decoder, and one of each per round. */
export function raceRequests(rounds: number): number {
  return 3 + 2 * rounds;
}

/**
 * Sends one prompt through AR and DEER in turn, the order changing every round so that a slow spell of the machine
 * meets both alike.
 *
 * @param onRequest called after each request
 * @returns the runs, warm-ups left out; undefined when Ctrl-C came before the last one
 */
export async function runRace({ engine, signal }: Session, course: RaceCourse, onRequest: () => void): Promise<RaceRuns | undefined> {
  const { hole, maxTokens, rounds } = course;
  let isCancelled = false;
  const run = async (decoder: CompleteParams["decoder"]): Promise<CompleteResult> => {
    const params = { ...hole, decoder, block: "auto" as const, maxTokens, temperature: 0, topP: 1, seed: 0 };
    const result = await engine.complete(params, { signal });
    isCancelled ||= result.outcome === "cancelled" || signal.aborted;
    onRequest();
    return result;
  };
  const reference = await run("arPadded");
  for (const decoder of ["ar", "deer"] as const) if (!isCancelled) await run(decoder);
  const runs: { ar: CompleteResult[]; deer: CompleteResult[] } = { ar: [], deer: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const decoder of round % 2 === 0 ? (["ar", "deer"] as const) : (["deer", "ar"] as const)) {
      if (!isCancelled) runs[decoder].push(await run(decoder));
    }
  }
  return isCancelled ? undefined : { reference, ...runs };
}
