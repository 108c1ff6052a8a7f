import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeSmallModel } from "./smallModel.js";
import { runOnAdapter } from "./softwareAdapter.js";

/** In deviations of the logits. Floats differ by their last places; weights in blocks have their inputs rounded to 8 bits. */
const ROUNDING = 1e-4;
const ROUNDED_INPUTS = 0.1;
const LEAK_MEGABYTES = 8;

/** Read up to each in turn: in passes of several widths, before and after the cache has grown twice. */
const LENGTHS = [4, 32, 33, 61, 200, 252, 260, 300, 520, 600];

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

describe("a cache on the device", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-gpu-"));
  let found: Found;
  let inBlocks: Pick<Found, "differences">;

  before(async function () {
    this.timeout(240_000);
    found = await runOnAdapter<Found>("residentCacheWorker.ts", await makeSmallModel(folder, "fp32"), LENGTHS.join(), "texts and memory");
    inBlocks = await runOnAdapter<Pick<Found, "differences">>("residentCacheWorker.ts", await makeSmallModel(folder, "int8"), "4,8,9");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("gives the processor's logits in passes of any width, after it has grown too", () => {
    assert.equal(found.differences.length, LENGTHS.length);
    assert.ok(
      found.differences.every((difference) => difference < ROUNDING),
      String(found.differences),
    );
  });

  it("serves weights in blocks as they are", () => {
    assert.equal(inBlocks.differences.length, 3);
    assert.ok(inBlocks.differences.every((difference) => difference < ROUNDED_INPUTS), String(inBlocks.differences)); // prettier-ignore
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
