import assert from "node:assert/strict";
import { DRAFTED, ONE_TOKEN, raceLength, runRace, type RaceEvent, type RaceOptions, type RaceRuns } from "../../../src/measure/race.js";
import type { CompleteResult } from "../../../src/protocol/messages.js";
import { ranCompletion } from "./ranCompletion.js";

const RACERS = [ONE_TOKEN, DRAFTED];

async function race(
  options: Partial<RaceOptions> = {},
  answer: (decoder: string) => Partial<CompleteResult> = () => ({}),
  stopAt = Infinity,
): Promise<{ events: RaceEvent[]; asked: string[]; runs: RaceRuns | undefined }> {
  const [events, asked]: [RaceEvent[], string[]] = [[], []];
  let running = 0;
  const runs = await runRace(
    async ({ decoder }, onText) => {
      assert.equal((running += 1), 1, "two at the same time");
      asked.push(decoder);
      await Promise.resolve();
      onText("abc");
      onText("def");
      running -= 1;
      return ranCompletion(answer(decoder));
    },
    {
      ...{ racers: RACERS, rounds: 2, isShown: true, isCompared: true, isStopped: () => asked.length >= stopAt },
      ...options,
      tell: (event) => events.push(event),
    },
  );
  return { events, asked, runs };
}

describe("a race", () => {
  it("shows each decoder once, decodes without drafts in the same passes, then times both in turn, the order changing", async () => {
    const { asked } = await race({ rounds: 3 });
    assert.deepEqual(asked, ["ar", "deer", "arPadded", "ar", "deer", "deer", "ar", "ar", "deer"]);
  });

  it("times in the order it is given, and shows and compares nothing that is not wanted", async () => {
    const order = (round: number) => (round === 1 ? [DRAFTED] : [ONE_TOKEN, ONE_TOKEN]);
    const { asked, events, runs } = await race({ isShown: false, isCompared: false, order });
    assert.deepEqual(asked, ["deer", "ar", "ar"]);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["timing"],
    );
    assert.equal(runs?.undrafted, undefined);
    assert.deepEqual([runs?.timed.ar?.length, runs?.timed.deer?.length], [2, 1]);
  });

  it("tells of the runs that are shown, piece by piece, and nothing while it times", async () => {
    const { events } = await race();
    const told = events.map((event) => ("racer" in event ? `${event.kind} ${event.racer}` : event.kind));
    const shown = (name: string): string[] => [`run ${name}`, `text ${name}`, `text ${name}`, `ran ${name}`];
    assert.deepEqual(told, [...shown("ar"), ...shown("deer"), "timing"]);
  });

  it("lets what was shown settle before it times", async () => {
    let settledAfter = -1;
    const asked: string[] = [];
    await runRace(async ({ decoder }) => ranCompletion({ decoder: asked[asked.push(decoder) - 1] ?? "" }), {
      ...{ racers: RACERS, rounds: 1, isShown: true, isCompared: true, isStopped: () => false },
      settle: async () => void (settledAfter = asked.length),
    });
    assert.deepEqual([settledAfter, asked.length], [2, 5]);
  });

  it("is as long as it says, so that a progress bar ends where the race does", async () => {
    for (const isShown of [true, false])
      for (const isCompared of [true, false]) {
        let count = 0;
        const { asked } = await race({ rounds: 3, isShown, isCompared, onRun: () => (count += 1) });
        const length = raceLength({ racers: RACERS, rounds: 3, isShown, isCompared });
        assert.deepEqual([asked.length, count], [length, length]);
      }
  });

  it("has no result when it is stopped, or when a run is cancelled, and asks for nothing more", async () => {
    for (let stopAt = 1; stopAt <= 7; stopAt += 1) {
      const { asked, runs } = await race({}, () => ({}), stopAt);
      assert.deepEqual([asked.length, runs], [stopAt, undefined]);
    }
    const { asked, runs } = await race({}, (decoder) => (decoder === "deer" ? { outcome: "cancelled" } : {}));
    assert.deepEqual([asked.length, runs], [2, undefined]);
  });
});
