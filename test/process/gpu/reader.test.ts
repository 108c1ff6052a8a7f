import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { EngineClient } from "../../../src/client/engineClient.js";
import type { LoadResult } from "../../../src/protocol/messages.js";
import { completeParams, enginePath, infillParams } from "../engineFixture.js";
import { KNOWN_LINE, makeKnowingPair } from "../../models/knowingPair.js";
import { adapterEnvironment, runOnAdapter } from "./softwareAdapter.js";

/** In deviations of the logits. */
const ROUNDING = 1e-4;
const LEAK_MEGABYTES = 8;

interface Text {
  readonly tokens: readonly number[];
  readonly verifies: number;
  readonly accepted: number;
  readonly failures: readonly string[];
  readonly devices: readonly string[];
}

interface Found {
  readonly differences: readonly number[];
  readonly expected: Text;
  readonly whole: Text;
  readonly lost: Text;
  readonly megabytes: readonly number[];
}

describe("a reader on WebGPU", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-gpu-"));
  const clients: EngineClient[] = [];
  let modelsDir: string;
  let found: Found;

  before(async function () {
    this.timeout(240_000);
    modelsDir = await makeKnowingPair(folder, "fp32");
    found = await runOnAdapter<Found>("readerWorker.ts", modelsDir, KNOWN_LINE);
  });
  after(async () => {
    for (const client of clients) await client.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says of canvases what it says on the processor, behind nothing, behind little, and after the cache has grown", () => {
    assert.equal(found.differences.length, 4);
    assert.ok(found.differences.every((difference) => difference < ROUNDING), String(found.differences)); // prettier-ignore
  });

  it("drafts what it drafts on the processor, and has as much of it accepted", () => {
    const { expected, whole } = found;
    assert.deepEqual(whole, { ...expected, devices: ["webgpu", "webgpu"] });
    assert.ok(expected.accepted > expected.tokens.length / 2);
  });

  it("loses nothing with its device: the processor drafts and verifies from then on", () => {
    assert.deepEqual(found.lost, { ...found.expected, failures: ["Error: device lost"], devices: ["cpu", "cpu"] });
  });

  it("takes no more memory after two hundred drafts than after a hundred", () => {
    const [, early, ...later] = found.megabytes;
    assert.ok(later.length > 0 && later.every((each) => each - early < LEAK_MEGABYTES), String(found.megabytes));
  });

  it("is tried with its verifier, and writes and fills what it does on the processor", async function () {
    this.timeout(240_000);
    const load = async (device: "cpu" | "webgpu"): Promise<{ client: EngineClient; loaded: LoadResult }> => {
      const client = await EngineClient.start({ enginePath, variables: adapterEnvironment() });
      clients.push(client);
      return { client, loaded: await client.load({ modelsDir, threads: 1, device, stateDir: path.join(folder, "state") }) };
    };
    const written = async ({ client }: { client: EngineClient }): Promise<unknown[]> => {
      const around = { prefix: KNOWN_LINE.repeat(4), suffix: `\n${KNOWN_LINE}` };
      const complete = await client.complete({ ...completeParams, ...around, maxTokens: 24, block: 7, drafts: "diffusion", isUncut: true });
      const texts: unknown[] = [complete.tokenIds, complete.passes.diffuser > 0, complete.accepted];
      for (const method of ["lr", "block", "fixed"] as const) {
        const fill = await client.infill({ ...infillParams, ...around, method, length: 4, temperature: 0, minTokens: 1, maxTokens: 6 });
        texts.push([method, fill.middle, fill.passes.diffuser > 0]);
      }
      return texts;
    };
    const [onDevice, onProcessor] = [await load("webgpu"), await load("cpu")];
    assert.deepEqual(
      onDevice.loaded.models.map(({ role, device }) => [role, device]),
      [
        ["verifier", "webgpu"],
        ["reader", "webgpu"],
      ],
    );
    assert.deepEqual(await written(onDevice), await written(onProcessor));
  });
});
