import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { EngineClient } from "../../src/client/engineClient.js";
import { EngineLife } from "../../src/client/engineLife.js";
import { ServerFirst } from "../../src/client/serverFirst.js";
import { startServer } from "../../src/client/startServer.js";
import type { CompleteParams, ServerState } from "../../src/protocol/messages.js";
import { event, pause, says, ScriptedServer } from "../unit/server/scriptedServer.js";
import { completeParams, loadedEngine } from "./engineFixture.js";

const KEY = "secret-key-8271";
const PARAMS: Omit<CompleteParams, "requestId"> = { ...completeParams, maxLines: 3, maxTokens: 16, isUncut: true };

describe("a server and the models of this machine, each in its process", () => {
  const scripted = new ScriptedServer();
  const log: string[] = [];
  const states: ServerState[] = [];
  let local: EngineClient;
  let life: EngineLife;
  let writers: ServerFirst;

  before(async () => {
    await scripted.start();
    local = await loadedEngine();
    life = new EngineLife({
      start: () =>
        startServer({
          serverPath: path.resolve("dist/server.js"),
          connect: { url: scripted.url, model: "", format: "auto", key: KEY },
          variables: {},
          onState: (state) => states.push(state),
          log: (line) => log.push(line),
        }),
      idleMs: () => 0,
      log: (line) => log.push(line),
    });
    writers = new ServerFirst({ server: life, local: { use: (job) => job(local) }, isWanted: () => true });
    await life.use(() => Promise.resolve());
  });

  after(async () => {
    await life.unload();
    await local.dispose();
    await scripted.stop();
  });

  const complete = (onText: (text: string) => void = () => {}) => writers.use((writer) => writer.complete(PARAMS, { onText }));
  const untilUp = async (): Promise<void> => {
    for (const start = performance.now(); states.at(-1)?.isUp !== true && performance.now() - start < 30_000;) await pause(20);
  };

  it("write by the server, over one connection, with a key that stands nowhere but in the request", async () => {
    scripted.answer = says("x = 1");
    const before = scripted.connections;
    for (let round = 0; round < 3; round++) {
      const result = await complete();
      assert.deepEqual([result.text, result.decoder, result.model], ["x = 1", "server", "qwen2.5-coder-7b"]);
    }
    assert.ok(scripted.connections <= before + 1);
    assert.ok(scripted.seen.every(({ key }) => key === `Bearer ${KEY}`));
    const { pid } = life.started!.engine.identity;
    for (const file of [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]) {
      if (existsSync(file)) assert.ok(!readFileSync(file, "utf8").includes(KEY), file);
    }
  });

  it("write by this machine from where a killed server stopped, at once from then on, and by the server when it is back", async () => {
    scripted.answer = async (response) => {
      response.writeHead(200).write(event("y = "));
      await pause(50);
      await scripted.stop();
    };
    const pieces: string[] = [];
    const { text } = await complete((piece) => pieces.push(piece));
    const rest = await local.complete({ ...PARAMS, prefix: `${PARAMS.prefix}y = `, maxTokens: 15 });
    assert.equal(text, `y = ${rest.text}`);
    assert.equal(pieces.join(""), text);
    const start = performance.now();
    const { decoder, text: here } = await complete();
    const tookMs = performance.now() - start;
    assert.equal(decoder, "deer");
    assert.equal(here, (await local.complete(PARAMS)).text);
    assert.ok(tookMs < 5000, `${tookMs} ms`);
    scripted.answer = says("z = 1");
    await scripted.start();
    await untilUp();
    assert.equal((await complete()).text, "z = 1");
    assert.doesNotMatch(log.join("\n") + JSON.stringify(states), new RegExp(KEY));
  });

  it("write by this machine when the process that speaks to the server is killed, and by the server after that", async () => {
    scripted.answer = async (response) => {
      response.writeHead(200).write(event("w = "));
      await pause(500);
      process.kill(life.started!.engine.identity.pid, "SIGKILL");
    };
    const { text } = await complete();
    assert.ok(text.startsWith("w = "));
    scripted.answer = says("v = 1");
    for (const start = performance.now(); performance.now() - start < 30_000; await pause(100)) {
      if ((await complete()).decoder === "server") return;
    }
    assert.fail(log.join("\n"));
  });

  it("leave the server when a request is cancelled", async () => {
    scripted.answer = async () => pause(20_000);
    const abort = new AbortController();
    const asked = writers.use((writer) => writer.complete(PARAMS, { signal: abort.signal }));
    await pause(200);
    abort.abort();
    assert.equal((await asked).outcome, "cancelled");
    for (const start = performance.now(); !scripted.asked.at(-1)!.isLeft && performance.now() - start < 5000;) await pause(20);
    assert.equal(scripted.asked.at(-1)!.isLeft, true);
  });
});
