import assert from "node:assert/strict";
import { RequestQueue } from "../../../src/engine/requestQueue.js";

describe("RequestQueue", () => {
  it("runs jobs one at a time and in order, also after one that failed", async () => {
    const queue = new RequestQueue();
    const events: string[] = [];
    const job =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([queue.run(job("a")), queue.run(job("b", true)), queue.run(job("c"))]);
    assert.deepEqual(events, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
  });

  const named = (names: string[], name: string) => async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    names.push(name);
  };

  it("takes turns between those who ask, of whom each keeps their order", async () => {
    const queue = new RequestQueue();
    const [ran, a, b, c]: [string[], object, object, object] = [[], {}, {}, {}];
    const all = [1, 2, 3, 4].map((index) => queue.run(named(ran, `a${index}`), a));
    all.push(queue.run(named(ran, "b1"), b), queue.run(named(ran, "c1"), c), queue.run(named(ran, "b2"), b));
    await Promise.all(all);
    assert.deepEqual(ran, ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  it("lets nobody who asks a hundred times keep another waiting for more than the job that runs", async () => {
    const queue = new RequestQueue();
    const ran: string[] = [];
    const [eager, modest] = [{}, {}];
    const all = Array.from({ length: 100 }, () => queue.run(named(ran, "eager"), eager));
    for (let asked = 0; asked < 5; asked += 1) {
      const before = ran.length;
      await queue.run(named(ran, "modest"), modest);
      assert.ok(ran.length - before <= 2, `after ${ran.length - before} jobs`);
    }
    await Promise.all(all);
  });

  it("runs patient jobs when nothing else waits, and says when one has to give way", async () => {
    const queue = new RequestQueue();
    const [ran, a, b]: [string[], object, object] = [[], {}, {}];
    const asked: boolean[] = [];
    const look = async (): Promise<void> => void asked.push(queue.mustGiveWay(a), queue.mustGiveWay(b));
    const all = [
      queue.run(look, a),
      queue.run(named(ran, "patient"), a, true),
      queue.run(named(ran, "a"), a),
      queue.run(named(ran, "b"), b),
      queue.run(look, b),
    ];
    assert.equal(queue.isBusy, true);
    await Promise.all(all);
    assert.deepEqual(ran, ["b", "a", "patient"]);
    // While others wait, all give way; in the end a's own patient one is left, which only a has to give way to.
    assert.deepEqual(asked, [true, true, true, false]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(queue.isBusy, false);
  });
});
