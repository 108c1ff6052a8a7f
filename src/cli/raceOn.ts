import { DRAFTED, ONE_TOKEN, raceLength, runRace, type RaceRuns } from "../measure/race.js";
import type { Hole } from "./hole.js";
import type { Output } from "./output.js";
import { withProgress } from "./progress.js";
import type { Session } from "./session.js";

/** What a race is run on. */
export interface RaceCourse {
  readonly hole: Hole;
  readonly maxTokens: number;
  readonly rounds: number;
}

/** Runs the race on an engine, with a progress bar. @returns undefined after Ctrl-C */
export function raceOn({ engine, signal }: Session, { hole, maxTokens, rounds }: RaceCourse, output: Output): Promise<RaceRuns | undefined> {
  const race = { racers: [ONE_TOKEN, DRAFTED], rounds, isShown: true, isCompared: true };
  const rule = { ...hole, maxTokens, temperature: 0, topP: 1, seed: 0 };
  return withProgress(output, "race", raceLength(race), (advance) =>
    runRace(({ decoder, block }) => engine.complete({ ...rule, decoder, block }, { signal }), {
      ...race,
      isStopped: () => signal.aborted,
      onRun: advance,
    }),
  );
}
