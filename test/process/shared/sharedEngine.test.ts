import assert from "node:assert/strict";
import { testPair } from "../../models/testPair.js";
import { MeetingPlace } from "./windows.js";

const REQUESTS = Number(process.env.LACUNA_SHARED_REQUESTS ?? 10);
const KILLS = Number(process.env.LACUNA_SHARED_KILLS ?? 2);
/** No window waits longer for an answer. */
const LONGEST_WAIT_MS = 5000;
/** An engine that nobody uses has ended by then, on a busy machine too. */
const END_LIMIT_MS = 8000;
/** And one that nobody came to. */
const START_LIMIT_MS = 20_000;
/** A test of REQUESTS or KILLS of them, on a busy machine. */
const LIMIT_MS = 60_000 + 2000 * (REQUESTS + KILLS);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const longest = (ms: readonly number[]): number => Math.max(...ms);

describe("an engine that windows share", function () {
  this.timeout(LIMIT_MS);
  let place: MeetingPlace;
  beforeEach(() => {
    place = new MeetingPlace();
  });
  afterEach(() => place.close());

  for (const count of [2, 3]) {
    it(`is one for ${count} windows that start at once, answers all of them, and ends soon after they have left`, async () => {
      const windows = Array.from({ length: count }, () => place.open());
      const first = await Promise.all(windows.map((window) => window.ask()));
      const all = await Promise.all(windows.map((window) => window.ask({ count: REQUESTS })));
      assert.deepEqual(new Set([...first, ...all].flatMap(({ pids }) => pids)).size, 1);
      assert.equal(place.engines().length, 1);
      assert.deepEqual(
        all.map(({ texts, failures }) => [texts.length, failures]),
        windows.map(() => [REQUESTS, []]),
      );
      assert.equal(new Set([...first, ...all].flatMap(({ texts }) => texts)).size, 1);
      assert.ok(longest(all.flatMap(({ ms }) => ms)) < LONGEST_WAIT_MS);
      await Promise.all(windows.map((window) => window.ask({ count: 0, leaves: true })));
      await place.isEmptyWithin(END_LIMIT_MS);
      assert.deepEqual(place.sockets(), []);
    });
  }

  it(`outlives ${KILLS} windows that are killed while they ask, the one that started it first, and ends after the last`, async () => {
    let window = place.open();
    const [pid] = (await window.ask()).pids;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const next = place.open();
      assert.deepEqual((await next.ask()).pids, [pid]);
      void window.ask({ count: 1000, maxTokens: 200 });
      await pause(50);
      const asking = next.ask({ count: 3 });
      window.kill();
      const { ms, pids, failures } = await asking;
      assert.ok(longest(ms) < LONGEST_WAIT_MS, `${longest(ms)} ms`);
      assert.deepEqual([pids, failures, place.engines(), place.sockets().length], [[pid], [], [pid], 1]);
      window = next;
    }
    window.kill();
    await place.isEmptyWithin(END_LIMIT_MS);
    assert.deepEqual(place.sockets(), []);
  });

  it("is one again after it was killed: every window sees that, and all use the new one", async () => {
    const windows = Array.from({ length: 3 }, () => place.open({ modelsDir: testPair }));
    const [[pid]] = (await Promise.all(windows.map((window) => window.ask()))).map(({ pids }) => pids);
    const asking = windows.map((window) => window.ask({ count: 3, maxTokens: 200 }));
    await pause(100);
    process.kill(pid, "SIGKILL");
    const asked = await Promise.all(asking);
    assert.deepEqual(
      asked.map(({ failures }) => failures),
      windows.map(() => ["engineDied"]),
    );
    const [next] = place.engines();
    assert.ok(asked.every(({ pids }) => pids.at(-1) === next) && next !== pid);
    assert.deepEqual([place.engines().length, place.sockets().length], [1, 1]);
  });

  it("is replaced for all when one window asks for a new one, and the others take that for no failure of it", async () => {
    const [a, b] = [place.open({ modelsDir: testPair }), place.open({ modelsDir: testPair })];
    const [[old]] = (await Promise.all([a.ask(), b.ask()])).map(({ pids }) => pids);
    for (let round = 0; round < 5; round += 1) await a.ask({ count: 0, restarts: true });
    const { pids, failures } = await b.ask();
    assert.deepEqual([failures, place.engines()], [[], pids]);
    assert.notEqual(pids[0], old);
    assert.deepEqual((await a.ask()).pids, pids);
  });

  it(`is one, and there is nothing left of it, where windows are killed while they start it, ${KILLS} times`, async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const [killed, ...others] = Array.from({ length: 3 }, () => place.open({ modelsDir: testPair }));
      void killed.ask();
      await pause(40 + ((kill * 83) % 400));
      killed.kill();
      const asked = await Promise.all(others.map((window) => window.ask()));
      assert.deepEqual(asked[0].pids, asked[1].pids);
      assert.ok(asked.every(({ failures }) => failures.length === 0));
      for (const window of others) window.kill();
    }
    await place.isEmptyWithin(START_LIMIT_MS);
    assert.deepEqual(place.sockets(), []);
  });

  it("ends by itself where nobody comes, because who started it is gone", async () => {
    const window = place.open({ modelsDir: testPair });
    void window.ask();
    for (let waited = 0; place.engines().length === 0; waited += 1) {
      assert.ok(waited < 1000);
      await pause(5);
    }
    window.kill();
    await place.isEmptyWithin(START_LIMIT_MS);
    assert.deepEqual(place.sockets(), []);
  });

  it("goes on for the others where a window has stopped in the middle of a request", async () => {
    const [frozen, window] = [place.open({ modelsDir: testPair }), place.open({ modelsDir: testPair })];
    await Promise.all([frozen.ask(), window.ask()]);
    void frozen.ask({ count: 100, maxTokens: 200 });
    await pause(100);
    frozen.freeze();
    const { ms, failures } = await window.ask({ count: 10 });
    assert.deepEqual(failures, []);
    assert.ok(longest(ms) < LONGEST_WAIT_MS);
  });
});
