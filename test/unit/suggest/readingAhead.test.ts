import assert from "node:assert/strict";
import type { Place } from "../../../src/protocol/place.js";
import { ReadingAhead } from "../../../src/suggest/readingAhead.js";
import { settle } from "./scriptedCompleter.js";

const placeAt = (prefix: string, uri = "file:///a.py"): Place => ({ uri, prefix, suffix: "" });

/** Time passes by hand; what is read is answered as `answers` says, in turn, and "done" after that. */
function setUp(answers: (boolean | Error)[] = []) {
  const rests: (() => void)[] = [];
  const reads: { readonly place: Place; readonly signal: AbortSignal }[] = [];
  const reading = new ReadingAhead({
    clock: { now: () => 0, wait: () => new Promise((resolve) => rests.push(resolve)) },
    read: async (place, signal) => {
      reads.push({ place, signal });
      const answer = answers.shift() ?? true;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const rest = async (): Promise<void> => {
    for (const each of rests.splice(0)) each();
    await settle();
  };
  return { reading, reads, rest };
}

describe("reading ahead", () => {
  it("reads the place where the cursor rests, and none that it only passed", async () => {
    const { reading, reads, rest } = setUp();
    for (const prefix of ["a", "ab", "abc"]) void reading.moved(() => placeAt(prefix));
    await rest();
    assert.deepEqual(reads.map(({ place }) => place.prefix), ["abc"]); // prettier-ignore
  });

  it("looks at the place only once the cursor rests, and reads nothing where there is none", async () => {
    const { reading, reads, rest } = setUp();
    let looks = 0;
    void reading.moved(() => void (looks += 1));
    assert.equal(looks, 0);
    await rest();
    assert.deepEqual([looks, reads.length], [1, 0]);
  });

  it("ends where the cursor moves on, where something is typed and where something is asked for", async () => {
    const ends: ((reading: ReadingAhead) => void)[] = [
      (reading) => void reading.moved(() => undefined),
      (reading) => reading.stop(),
      (reading) => reading.asked(placeAt("b")),
    ];
    for (const end of ends) {
      const { reading, reads, rest } = setUp();
      void reading.moved(() => placeAt("a"));
      await rest();
      assert.equal(reads[0].signal.aborted, false);
      end(reading);
      assert.equal(reads[0].signal.aborted, true);
    }
  });

  it("does not read again what was read or asked for last", async () => {
    const { reading, reads, rest } = setUp();
    for (let time = 0; time < 2; time += 1) {
      void reading.moved(() => placeAt("a"));
      await rest();
    }
    reading.asked(placeAt("b"));
    void reading.moved(() => placeAt("b"));
    await rest();
    assert.equal(reads.length, 1);
    void reading.moved(() => placeAt("b", "file:///b.py"));
    await rest();
    assert.equal(reads.length, 2);
  });

  it("reads again what was not read to its end, be it because the engine is lost", async () => {
    const { reading, reads, rest } = setUp([false, new Error("gone")]);
    for (let time = 0; time < 4; time += 1) {
      void reading.moved(() => placeAt("a"));
      await rest();
    }
    assert.equal(reads.length, 3);
  });
});
