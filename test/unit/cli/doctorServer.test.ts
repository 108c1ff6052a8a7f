import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DONE, event, pause, refuses, ScriptedServer, type Answerer } from "../server/scriptedServer.js";
import { runWith } from "./runWith.js";

const KEY = "secret-key-8271";

/** Reads slowly what it has not read before, if it keeps what it read. */
function readsLikeA(keeps: boolean, reads = new Set<string>()): Answerer {
  return async (response, { body }) => {
    const prompt = String(body.prompt);
    if (prompt.length > 1000 && !(keeps && reads.has(prompt))) await pause(150);
    reads.add(prompt);
    response.writeHead(200);
    for (let count = 0; count < 12; count++) response.write(event(" x"));
    response.end(event("", { end: "stop", usage: { prompt_tokens: Math.ceil(prompt.length / 3) } }) + DONE);
  };
}

describe("lacuna doctor --server", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-key-"));
  const [keyFile, oddKey] = [path.join(folder, "key"), path.join(folder, "odd")];
  const server = new ScriptedServer();

  before(async () => {
    writeFileSync(keyFile, `${KEY}\n`);
    await server.start();
  });

  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const doctor = async (...more: string[]) => {
    const { exitCode, stdout, stderr } = await runWith(["doctor", "--server", server.url, ...more]);
    assert.doesNotMatch(stdout + stderr, new RegExp(KEY));
    return { exitCode, stdout };
  };

  it("says what is served, how holes are read, how fast it is, and that it keeps what it has read", async () => {
    server.answer = readsLikeA(true);
    const { exitCode, stdout } = await doctor("--server-key", keyFile);
    assert.equal(exitCode, 0);
    for (const part of [
      /vllm, reached in \d+ ms/,
      /qwen2\.5-coder-7b, 8192 tokens/,
      /read as qwen; wrote " x/,
      /tokens\/s/,
      /ok +\d+ tokens: \d+ ms when new/,
    ]) {
      assert.match(stdout, part);
    }
    assert.ok(server.seen.every(({ key }) => key === `Bearer ${KEY}`));
  });

  it("advises where it reads everything again, and prints one document with --json", async () => {
    server.answer = readsLikeA(false);
    const { exitCode, stdout } = await doctor("--json");
    const report = JSON.parse(stdout) as { ok: boolean; advice: string[]; server: { prefixCaching: { isWorking: boolean } } };
    assert.deepEqual([exitCode, report.ok, report.server.prefixCaching.isWorking], [0, true, false]);
    assert.match(report.advice.join(), /read again at each key: start vLLM with --enable-prefix-caching/);
  });

  it("fails with a remedy where the server is not there, wants a key, or serves another model", async () => {
    server.answer = refuses(401);
    const wanting = await doctor();
    assert.deepEqual([wanting.exitCode, /wants a key \(status 401\).*--server-key/s.test(wanting.stdout)], [1, true]);
    assert.match((await doctor("--server-model", "gone")).stdout, /serves no model gone/);
    assert.doesNotMatch(wanting.stdout, /lacuna\.server|Set Server Key/);
    for (const address of ["foo", "http://me:word@host"]) {
      const refused = await runWith(["doctor", "--server", address]);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stdout, /--server/);
      assert.doesNotMatch(refused.stdout, /lacuna\.server|Set Server Key/);
    }
    writeFileSync(oddKey, "ключ");
    assert.match((await doctor("--server-key", oddKey)).stdout, /into the file of --server-key\./);
    writeFileSync(oddKey, "\n");
    const empty = await runWith(["doctor", "--server", server.url, "--server-key", oddKey]);
    assert.deepEqual([empty.exitCode, /holds no key/.test(empty.stderr)], [1, true]);
    const { exitCode, stdout } = await runWith(["doctor", "--server", "http://127.0.0.1:9"]);
    assert.deepEqual([exitCode, /ECONNREFUSED/.test(stdout)], [1, true]);
  });

  it("names no remedy that is the command itself, and takes no number for a context that is none", async () => {
    for (const status of [400, 429]) {
      server.answer = refuses(status);
      const { stdout } = await doctor();
      assert.match(stdout, new RegExp(`status ${status}`));
      assert.doesNotMatch(stdout, /doctor --server|is asked again/);
    }
    server.answer = readsLikeA(true);
    const { models } = server;
    server.models = { object: "list", data: [{ id: "m", owned_by: "vllm", max_model_len: -5 }] };
    assert.doesNotMatch((await doctor()).stdout, /tokens at a time/);
    server.models = { object: "list", data: [] };
    assert.match((await doctor()).stdout, /serves no model\./);
    server.models = models;
  });

  it("ends at Ctrl-C while it waits", async () => {
    server.list = () => {};
    const { exitCode, stderr } = await runWith(["doctor", "--server", server.url], { interrupts: 1 });
    server.list = undefined;
    assert.equal(exitCode, 130);
    assert.doesNotMatch(stderr, /fault in Lacuna/);
  });
});
