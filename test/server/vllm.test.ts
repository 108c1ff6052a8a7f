import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { EngineClient } from "../../src/client/engineClient.js";
import type { TeamServer } from "../../src/server/teamServer.js";
import { pause, RealServer } from "./realServer.js";
import { connected, engineWith, places, spread, textOf } from "./serverCases.js";

const START_LIMIT_MS = 15 * 60_000;
const CLIENTS = 32;
const OFFLINE = { HF_HUB_OFFLINE: "1", VLLM_NO_USAGE_STATS: "1", DO_NOT_TRACK: "1", VLLM_CPU_KVCACHE_SPACE: "1", OMP_NUM_THREADS: "2" };

/** One that runs already, for whoever works on these tests. */
const running = process.env.LACUNA_VLLM_URL;

describe("vLLM on a processor, with the bundled verifier", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-served-"));
  const checkpoint = process.env.LACUNA_CHECKPOINT!;
  let real: RealServer | undefined;
  let url: string;
  let server: TeamServer;
  let engine: EngineClient;

  before(async function () {
    this.timeout(START_LIMIT_MS);
    const args = (port: number): string[] => [
      ...["-m", "vllm.entrypoints.openai.api_server", "--model", checkpoint, "--served-model-name", "lacuna-verifier"],
      ...["--host", "127.0.0.1", "--port", String(port), "--max-model-len", "4096", "--enforce-eager", "--dtype", "float32"],
    ];
    real = running === undefined ? await RealServer.start(process.env.LACUNA_VLLM_PYTHON!, args, OFFLINE, START_LIMIT_MS) : undefined;
    url = running ?? real!.url;
    server = await connected(url);
    execFileSync(process.execPath, ["dist/cli.js", "import", checkpoint, "--out", folder, "--weights", "fp32"], { stdio: "ignore" });
    engine = await engineWith(folder);
  });

  after(async () => {
    server?.close();
    await engine?.dispose();
    await real?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is known for what it is", () => {
    assert.deepEqual([server.model?.kind, server.model?.format?.name, server.model?.contextTokens], ["vllm", "lacuna", 4096]);
  });

  for (const [kind, least] of [
    ["lineStart", 0.8],
    ["space", 0.7],
    ["word", 0],
  ] as const)
    // prettier-ignore
    it(`writes the greedy text of the engine on the same weights: ${kind}`, async () => {
      const all = places(kind, 10);
      let same = 0;
      for (const place of all) {
        const [there, here] = [(await textOf(server, place)).text, (await engine.complete(place)).text];
        if (there === here) same += 1;
        else console.error(`      ${kind}: ${JSON.stringify(there)} there, ${JSON.stringify(here)} here`);
      }
      console.error(`      ${kind}: ${same} of ${all.length} texts are the same`);
      assert.ok(same >= least * all.length);
    });

  it("stops writing what is no longer wanted", async () => {
    const metrics = new Metrics(url);
    const finished = await metrics.of("vllm:request_success_total");
    const abort = new AbortController();
    const [place] = places("lineStart", 1, 1000);
    const asked = textOf(server, { ...place, maxLines: undefined, isUncut: true, temperature: 1.5 }, abort.signal);
    for (const start = performance.now(); (await metrics.of("vllm:num_requests_running")) === 0 && performance.now() - start < 60_000;)
      await pause(50);
    abort.abort();
    assert.equal((await asked).outcome, "cancelled");
    const left = performance.now();
    while ((await metrics.of("vllm:num_requests_running")) > 0 && performance.now() - left < 60_000) await pause(50);
    console.error(`      free ${Math.round(performance.now() - left)} ms after it was left`);
    assert.equal(await metrics.of("vllm:num_requests_running"), 0);
    // Neither a stop nor the limit of tokens ended it.
    assert.equal(await metrics.of("vllm:request_success_total"), finished);
  });

  it(`answers ${CLIENTS} clients at once, each of them without an error`, async () => {
    const all = places("lineStart", CLIENTS, 8);
    const clients = await Promise.all(all.map(() => connected(url)));
    const start = performance.now();
    const results = await Promise.allSettled(all.map((place, nth) => textOf(clients[nth], place)));
    const done = results.flatMap((each) => (each.status === "fulfilled" ? [each.value.firstMs] : []));
    for (const client of clients) client.close();
    const load = os.loadavg()[0].toFixed(1);
    console.error(`      first text ${spread(done)}, all within ${Math.round(performance.now() - start)} ms, at a load of ${load}`);
    assert.equal(done.length, CLIENTS);
  });
});

/** Counters of a server that may have been started by somebody else. */
class Metrics {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The sum over all labels but those of requests that were left. */
  async of(name: string): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) && !line.includes('finished_reason="abort"'));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }
}
