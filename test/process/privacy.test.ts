import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { completeRequest, infillRequest, loadRequest } from "../../src/protocol/messages.js";
import { completeParams, enginePath, infillParams, modelsDir } from "./engineFixture.js";
import { WATCHED_BY, WatchedEngine, type Traces } from "./watchedEngine.js";

const LOOKUP_LIMIT_MS = 30_000;
const SWITCH = 'process.env[NO_TELEMETRY] = "1";';
const CLEAN: Traces = { files: [], network: [], listens: [], written: [] };

/** Loads the models, completes and fills once. */
async function work({ connection }: WatchedEngine): Promise<void> {
  await connection.sendRequest(loadRequest, { modelsDir, threads: 1 });
  const completed = await connection.sendRequest(completeRequest, { ...completeParams, maxTokens: 16, requestId: 1 });
  const infilled = await connection.sendRequest(infillRequest, { ...infillParams, maxTokens: 8, requestId: 2 });
  assert.deepEqual([completed.outcome, infilled.outcome], ["done", "done"]);
}

describe("an engine by itself, in an empty home and a network of its own", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-reporting-"));
  const reportingPath = path.join(folder, "engine.js");
  let [own, shared, reporting]: Traces[] = [CLEAN, CLEAN, CLEAN];

  before(async function () {
    this.timeout(2 * LOOKUP_LIMIT_MS);
    const bundle = readFileSync(enginePath, "utf8");
    assert.equal(bundle.split(SWITCH).length, 2, "the bundle does not set the switch exactly once");
    writeFileSync(reportingPath, bundle.replace(SWITCH, ""));
    const engine = await WatchedEngine.start(enginePath);
    const ofWindows = await WatchedEngine.start(enginePath, true);
    const other = await WatchedEngine.start(reportingPath);
    try {
      await Promise.all([work(engine), work(ofWindows), work(other)]);
      // The runtime looks its host up some ten seconds after it was loaded; all live until then.
      const isSeen = (): boolean => other.traces().network.length > 0 || WATCHED_BY.length < 2;
      for (const start = performance.now(); !isSeen() && performance.now() - start < LOOKUP_LIMIT_MS;) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      [own, shared, reporting] = [engine.traces(), ofWindows.traces(), other.traces()];
    } finally {
      await Promise.all([engine.stop(), ofWindows.stop(), other.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("writes no file, opens no socket but its channel and looks up no name", () =>
    assert.deepEqual(own, CLEAN, `watched by ${WATCHED_BY.join(", ")}`));

  it("where windows share it, listens on one socket in the folder where they meet, between processes of this machine, and does nothing else", () => {
    const { listens, ...rest } = shared;
    assert.deepEqual({ ...rest, listens: [] }, CLEAN, `watched by ${WATCHED_BY.join(", ")}`);
    if (WATCHED_BY.length === 0) return;
    assert.equal(listens.length, 1);
    assert.doesNotMatch(listens[0], /^$|[/\\]/);
  });

  it("would be seen to report if the runtime's telemetry were on", () => {
    assert.ok(
      reporting.files.some((file) => file.endsWith("deviceid")),
      reporting.files.join(", "),
    );
    if (WATCHED_BY.length >= 2) assert.notDeepEqual(reporting.network, []);
  });
});
