import assert from "node:assert/strict";
import os from "node:os";
import type { TeamServer } from "../../src/server/teamServer.js";
import { pause, RealServer } from "./realServer.js";
import { connected, places, spread, textOf } from "./serverCases.js";

const START_LIMIT_MS = 10 * 60_000;
const CLIENTS = 32;

describe("llama.cpp's server, with Qwen2.5-Coder", () => {
  let real: RealServer;
  let server: TeamServer;

  before(async function () {
    this.timeout(START_LIMIT_MS);
    const args = (port: number): string[] => [
      ...["-m", process.env.LACUNA_GGUF!, "--host", "127.0.0.1", "--port", String(port)],
      ...["-c", "8192", "--parallel", "4", "-t", "2", "--metrics"],
    ];
    real = await RealServer.start(process.env.LACUNA_LLAMA_SERVER!, args, {}, START_LIMIT_MS);
    server = await connected(real.url);
  });

  after(async () => {
    server?.close();
    await real?.stop();
  });

  it("is known for what it is, and lays holes out itself", () => {
    assert.deepEqual([server.model?.kind, server.model?.format?.name], ["llama.cpp", "infill"]);
    assert.ok((server.model?.contextTokens ?? 0) >= 2048);
  });

  it("writes into holes, the same behind either interface mostly", async () => {
    const other = await connected(real.url, { format: "qwen" });
    const all = places("lineStart", 6, 16);
    let same = 0;
    for (const place of all) {
      const [one, two] = [(await textOf(server, place)).text, (await textOf(other, place)).text];
      assert.doesNotMatch(one + two, /<\|/);
      if (one === two) same += 1;
    }
    console.error(`      ${same} of ${all.length} texts are the same behind /infill and behind /v1/completions`);
    assert.ok(same >= all.length / 2);
    other.close();
  });

  it("stops writing what is no longer wanted", async () => {
    const abort = new AbortController();
    const [place] = places("lineStart", 1, 1000);
    const asked = textOf(server, { ...place, maxLines: undefined, isUncut: true, temperature: 1.5 }, abort.signal);
    for (const start = performance.now(); (await real.metric("llamacpp:requests_processing")) === 0 && performance.now() - start < 60_000;)
      await pause(50);
    abort.abort();
    assert.equal((await asked).outcome, "cancelled");
    const left = performance.now();
    while ((await real.metric("llamacpp:requests_processing")) > 0 && performance.now() - left < 60_000) await pause(50);
    console.error(`      free ${Math.round(performance.now() - left)} ms after it was left`);
    assert.equal(await real.metric("llamacpp:requests_processing"), 0);
  });

  it(`answers ${CLIENTS} clients at once, each of them without an error`, async () => {
    const all = places("lineStart", CLIENTS, 8);
    const clients = await Promise.all(all.map(() => connected(real.url)));
    const results = await Promise.allSettled(all.map((place, nth) => textOf(clients[nth], place)));
    const done = results.flatMap((each) => (each.status === "fulfilled" ? [each.value.firstMs] : []));
    for (const client of clients) client.close();
    console.error(`      first text ${spread(done)}, at a load of ${os.loadavg()[0].toFixed(1)}`);
    assert.equal(done.length, CLIENTS);
  });
});
