import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeTestPair } from "../../models/makeTestPair.js";
import { NO_ADAPTER, runOnAdapter } from "./softwareAdapter.js";

/** Logits of this model are some tens; on the software adapter they differ by rounding in the last places. */
const ROUNDING = 1e-3;
const LEAK_MEGABYTES = 8;

interface Text {
  readonly tokens: readonly number[];
  readonly failures: readonly string[];
  readonly device: string;
}

interface Found {
  readonly differences: readonly number[];
  readonly expected: readonly number[];
  readonly whole: Text;
  readonly lost: Text;
  readonly lostWhileReading: Text;
  readonly megabytes: readonly number[];
}

describe(`a cache on the device${NO_ADAPTER === undefined ? "" : ` (skipped: ${NO_ADAPTER})`}`, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-gpu-"));
  let found: Found;

  before(async function () {
    if (NO_ADAPTER !== undefined) this.skip();
    this.timeout(240_000);
    found = await runOnAdapter<Found>("residentCacheWorker.ts", await makeTestPair(folder, "fp32", ["verifier"]));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("gives the processor's logits in passes of any width, after it has grown too", () => {
    assert.equal(found.differences.length, 10);
    assert.ok(
      found.differences.every((difference) => difference < ROUNDING),
      String(found.differences),
    );
  });

  it("takes no more memory after 1,000 passes and twenty caches than after 200", () => {
    const [, early] = found.megabytes;
    assert.ok(found.megabytes.slice(2).every((later) => later - early < LEAK_MEGABYTES), String(found.megabytes)); // prettier-ignore
  });

  it("writes the processor's text", () => {
    assert.deepEqual(found.whole, { tokens: found.expected, failures: [], device: "webgpu" });
    assert.equal(found.expected.length, 24);
  });

  it("that is lost while a text is written, or while a prompt is read, loses nothing: the processor reads again and goes on", () => {
    for (const text of [found.lost, found.lostWhileReading]) {
      assert.deepEqual(text, { tokens: found.expected, failures: ["Error: device lost"], device: "cpu" });
    }
  });
});
