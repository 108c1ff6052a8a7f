import assert from "node:assert/strict";
import type { EngineClient } from "../../../src/client/engineClient.js";
import { completeParams, exampleHole, infillParams } from "../engineFixture.js";
import { testPair } from "../../models/testPair.js";
import { MeetingPlace } from "./windows.js";

const places = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9].map((share) => exampleHole(share));
const params = { ...completeParams, maxTokens: 8 };

describe("windows that share an engine", () => {
  let place: MeetingPlace;
  let [a, b]: EngineClient[] = [];
  before(async () => {
    place = new MeetingPlace();
    [a, b] = await Promise.all([place.join(), place.join()]);
    await Promise.all([a, b].map((client) => client.load({ modelsDir: testPair, threads: 1 })));
    assert.equal(a.identity.pid, b.identity.pid);
  });
  after(() => place.close());

  it("load models once", async () => {
    const [one, other] = await Promise.all([a, b].map((client) => client.load({ modelsDir: testPair, threads: 1 })));
    assert.deepEqual(one, other);
    await assert.rejects(b.load({ modelsDir: testPair, threads: 2 }), { code: "badRequest" });
  });

  it("take turns, however much one of them asks", async () => {
    const ended: string[] = [];
    const ask = async (name: string, client: EngineClient): Promise<void> => {
      await client.complete(params);
      ended.push(name);
    };
    const many = Array.from({ length: 12 }, () => ask("a", a));
    await many[0];
    for (let asked = 0; asked < 3; asked += 1) {
      const before = ended.length;
      await ask("b", b);
      assert.ok(ended.length - before <= 3, `b waited for ${ended.length - before - 1} of a's`);
    }
    await Promise.all(many);
  });

  it("are told of their own requests alone", async () => {
    const texts: string[][] = [[], []];
    const canvases = [0, 0];
    const [one, other] = await Promise.all(
      [a, b].map(async (client, index) => {
        const own = { ...params, prefix: `${"    1,\n# ----\n".split("\n")[index]}\n`.repeat(40), suffix: "", maxTokens: 24 };
        const { text } = await client.complete(own, { onText: (piece) => void texts[index].push(piece) });
        await client.infill(infillParams, index === 0 ? { onCanvas: () => (canvases[0] += 1) } : {});
        return text;
      }),
    );
    assert.notEqual(one, other);
    assert.deepEqual([texts[0].join(""), texts[1].join("")], [one, other]);
    assert.ok(canvases[0] > 0);
  });

  it("cancel what is theirs, and nothing of another's", async () => {
    const stop = new AbortController();
    const long = { ...params, maxTokens: 200 };
    const cancelled = Array.from({ length: 4 }, () => a.complete(long, { signal: stop.signal }));
    const kept = Array.from({ length: 4 }, () => b.complete(params));
    stop.abort();
    assert.ok((await Promise.all(cancelled)).every(({ outcome }) => outcome === "cancelled"));
    assert.ok((await Promise.all(kept)).every(({ outcome, tokens }) => outcome === "done" && tokens > 0));
  });

  it("read ahead only while no other waits", async () => {
    const far = { ...places[4], prefix: `# far\n${places[4].prefix}`, maxTokens: 8 };
    await a.readAhead({ ...far, prefix: `# whole\n${far.prefix}` });
    const whole = (await a.readAhead({ ...far, document: "whole" })).passes.verifier;
    const other = { ...far, prefix: `# another\n${places[3].prefix}`, document: "another" };
    const busy = b.complete({ ...params, maxTokens: 64 });
    const events: string[] = [];
    const read = a.readAhead(other).then((result) => (events.push("read"), result)); // prettier-ignore
    const asked = Array.from({ length: 3 }, () => b.complete(params).then(() => events.push("b")));
    await Promise.all([busy, read, ...asked]);
    assert.deepEqual(events, ["b", "b", "b", "read"]);
    const begun = a.readAhead({ ...other, prefix: `# begun\n${other.prefix}` });
    await b.complete(params);
    const { outcome, passes } = await begun;
    assert.ok(outcome === "cancelled" && passes.verifier < whole, `${passes.verifier} of ${whole} passes`);
  });

  it("keep what is remembered of their documents while another goes through many", async () => {
    const mine = { ...params, ...places[0], document: "mine", prefix: `# mine\n${places[0].prefix}` };
    await a.complete(mine);
    for (const [index, other] of places.entries()) await b.readAhead({ ...other, maxTokens: 8, prefix: `# ${index}\n${other.prefix}` });
    // The same name, and nearly the same text.
    await b.complete({ ...mine, suffix: "" });
    assert.equal((await a.readAhead(mine)).passes.verifier, 0);
  });

  it("lose nothing when one of them goes while it asks", async () => {
    const c = await place.join();
    const asked = c.complete({ ...params, maxTokens: 400 }).catch((error: { code: string }) => error.code);
    const answer = b.complete(params);
    await c.dispose();
    assert.equal(await asked, "engineDied");
    assert.equal((await answer).outcome, "done");
    assert.equal((await b.complete(params)).outcome, "done");
  });
});
