import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { EngineClient } from "../../src/client/engineClient.js";
import { PendingCalls } from "../../src/client/pendingCalls.js";
import { LacunaError } from "../../src/protocol/errors.js";

const enginePath = fileURLToPath(new URL("silentEngine.mjs", import.meta.url));
const REQUESTS = 20_000;
const AT_ONCE = 200;
/** What a request may leave behind, in bytes: the buffers of the channel and compiled code, but nothing of its own. */
const LEFT_PER_REQUEST = 40;
const ANY = { prefix: "", suffix: "", maxTokens: 1, temperature: 0, topP: 1, seed: 0, decoder: "ar", block: 1 } as const;

v8.setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function usedBytes(): number {
  collect();
  return v8.getHeapStatistics().used_heap_size;
}

async function ask(engine: EngineClient, requests: number): Promise<void> {
  for (let done = 0; done < requests; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => engine.complete(ANY, { signal: new AbortController().signal })));
  }
}

describe("the engine's client", function () {
  this.timeout(60_000);

  it(`keeps nothing of ${REQUESTS} requests`, async () => {
    const engine = await EngineClient.start({ enginePath });
    await ask(engine, 1000);
    const before = usedBytes();
    await ask(engine, REQUESTS);
    const left = (usedBytes() - before) / REQUESTS;
    await engine.dispose();
    assert.ok(left < LEFT_PER_REQUEST, `${left.toFixed(0)} bytes a request`);
  });

  it("fails every pending call when the engine dies, each once, and every later one", async () => {
    const engine = await EngineClient.start({ enginePath });
    const silent = { ...ANY, hangs: true };
    const failures: unknown[] = [];
    const calls = Array.from({ length: 50 }, () => engine.complete(silent).catch((error: unknown) => failures.push(error)));
    await engine.complete({ ...ANY, exits: true } as typeof ANY).catch((error: unknown) => failures.push(error));
    await Promise.all(calls);
    await engine.usage().catch((error: unknown) => failures.push(error));
    assert.equal(failures.length, 52);
    assert.ok(failures.every((error) => error instanceof LacunaError && error.code === "engineDied"));
    assert.match((await engine.died).message, /exit code 3/);
  });
});

describe("calls that wait for an answer", () => {
  const never = (): boolean => false;

  it("settle as their answers do, and are forgotten then", async () => {
    const calls = new PendingCalls();
    assert.equal(await calls.make(async () => 1, never), 1);
    await assert.rejects(
      calls.make(() => Promise.reject(new Error("no")), never),
      /no/,
    );
    assert.equal(calls.count, 0);
  });

  it("wait for the end where a failure only announces it", async () => {
    const calls = new PendingCalls();
    const call = calls.make(
      () => Promise.reject(new Error("broken pipe")),
      () => true,
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(calls.count, 1);
    calls.fail(new Error("it died"));
    await assert.rejects(call, /it died/);
    await assert.rejects(
      calls.make(async () => 1, never),
      /it died/,
    );
    assert.equal(calls.count, 0);
  });
});
