import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { runCommandLine } from "../../src/client/commandLine.js";
import type { ModelsReport } from "../../src/models/modelsReport.js";
import type { CommandProgress } from "../../src/protocol/commandProgress.js";
import { LacunaError } from "../../src/protocol/errors.js";
import { tinyCheckpoint } from "../unit/convert/checkpointFolder.js";
import { ggufOf, writeGguf } from "../unit/convert/ggufWriter.js";
import { waitFor } from "../vscode/editor/waitFor.js";
import { HubServer, sha256Of } from "./models/hubServer.js";
import { CLI_PATH } from "./runCli.js";

const NAME = "qwen2.5-coder-0.5b";

describe("the command line, run by the editor", function () {
  this.timeout(120_000);
  let home: string;
  let model: string;
  let hub: HubServer;
  beforeEach(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), "lacuna-command-line-"));
    model = path.join(home, "tiny.gguf");
    writeGguf(model, ggufOf(tinyCheckpoint));
    hub = await HubServer.start(readFileSync(model));
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(home, { recursive: true });
  });

  const variables = (): Record<string, string> => ({ HOME: home, LACUNA_DATA: path.join(home, "data"), HF_ENDPOINT: hub.endpoint });
  const run = <T>(args: readonly string[], options: Parameters<typeof runCommandLine>[2] = {}): Promise<T | undefined> =>
    runCommandLine<T>(CLI_PATH, args, { variables: variables(), ...options });
  const out = (): string => path.join(home, "data", "models", NAME);
  const part = (): string => path.join(home, "data", "downloads", NAME, "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf.part");

  const size = (): number => (existsSync(part()) ? statSync(part()).size : 0);
  const begun = (): Promise<unknown> => waitFor("the part of a download", size, (bytes) => bytes > 0);

  it("lists what there is", async () => {
    const report = await run<ModelsReport>(["models"]);
    assert.ok(report!.catalogue.length > 0 && report!.freeBytes! > 0);
    assert.equal(hub.hubSeen.length, 0);
  });

  it("downloads, checks and imports, and says how far it is", async () => {
    const seen: CommandProgress[] = [];
    const done = await run<{ readonly out: string }>(["models", "get", NAME, "--yes"], { onProgress: (progress) => void seen.push(progress) });
    assert.equal(done?.out, out());
    assert.ok(existsSync(path.join(out(), "manifest.json")));
    const stages = [...new Set(seen.map(({ stage }) => stage))];
    assert.deepEqual(stages, ["asking", "loading", "checking", "importing"]);
    assert.ok(seen.every(({ done: bytes, total }) => total === 0 || bytes <= total));
  });

  it("keeps what has come of a download that is cancelled, and goes on with it", async () => {
    hub.onStorageRequest = (count) => (count === 1 ? { stallAfter: 100_000 } : undefined);
    const cancel = new AbortController();
    const running = run(["models", "get", NAME, "--yes"], { signal: cancel.signal });
    await begun();
    cancel.abort();
    assert.equal(await running, undefined);
    const kept = readFileSync(part()).length;
    assert.ok(kept > 0 && kept < hub.content.length);
    assert.ok(!existsSync(out()));
    await run(["models", "get", NAME, "--yes"]);
    assert.ok(existsSync(path.join(out(), "manifest.json")));
    assert.equal(hub.storageSeen.at(-1)?.headers.range, `bytes=${kept}-`);
    assert.equal(sha256Of(readFileSync(model)), hub.sha256);
  });

  it("leaves nothing of an import that is cancelled", async () => {
    const cancel = new AbortController();
    const onProgress = ({ stage }: CommandProgress): void => {
      if (stage === "importing") cancel.abort();
    };
    const folder = path.join(home, "data", "models", "tiny");
    const done = await run(["import", model, "--out", folder], { signal: cancel.signal, onProgress });
    // It may have been done before it heard of the end.
    if (done === undefined) assert.deepEqual(readdirSync(home).sort(), ["tiny.gguf"]);
    else assert.ok(existsSync(path.join(folder, "manifest.json")));
  });

  it("ends and leaves what can be gone on with when whoever started it is gone", async () => {
    hub.onStorageRequest = (count) => (count === 1 ? { stallAfter: 100_000 } : undefined);
    const env = { ...process.env, ...variables() };
    const child = fork(CLI_PATH, ["models", "get", NAME, "--yes", "--json"], { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [], env });
    await begun();
    child.disconnect();
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 130);
    assert.deepEqual(
      readdirSync(path.dirname(part())).filter((file) => file.endsWith(".lock")),
      [],
    );
    assert.ok(existsSync(part()));
  });

  it("fails with the sentence and the remedy of the command", async () => {
    hub.hubFaults.push({ status: 404 });
    await assert.rejects(run(["models", "get", NAME, "--yes"]), (error) => {
      return error instanceof LacunaError && error.code === "hubMissing" && error.remedy !== "";
    });
    await assert.rejects(runCommandLine("/nowhere/cli.js", []), { code: "engineUnavailable" });
  });
});
