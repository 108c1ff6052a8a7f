import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { EngineClient } from "../../../src/client/engineClient.js";
import type { LoadResult } from "../../../src/protocol/messages.js";
import { completeParams, enginePath, infillParams } from "../engineFixture.js";
import { adapterEnvironment } from "./softwareAdapter.js";
import { makeSmallModel } from "./smallModel.js";

const PROMPTS = 20;
const FILLS = 4;
const AROUND = 96;

const source = readFileSync("media/demo/example.py", "utf8");

/** A place in the example file with little around it. */
function holeAt(index: number): { prefix: string; suffix: string } {
  const at = Math.floor((source.length * (index + 1)) / (PROMPTS + 2));
  return { prefix: source.slice(Math.max(0, at - AROUND), at), suffix: source.slice(at, at + AROUND / 2) };
}

/** What an engine writes at all places: completions with drafts from repetitions, and fills. */
async function written(client: EngineClient): Promise<{ texts: unknown[]; devices: Set<string>; accepted: number }> {
  const texts: unknown[] = [];
  const devices = new Set<string>();
  let accepted = 0;
  for (let index = 0; index < PROMPTS; index += 1) {
    const result = await client.complete({ ...completeParams, ...holeAt(index), maxTokens: 16, block: 11, isUncut: true });
    texts.push(result.tokenIds);
    devices.add(result.device);
    accepted += result.accepted;
  }
  for (let index = 0; index < FILLS; index += 1) {
    const { middle, device } = await client.infill({ ...infillParams, ...holeAt(5 * index), method: "auto", temperature: 0, maxTokens: 8 });
    texts.push(middle);
    devices.add(device);
  }
  return { texts, devices, accepted };
}

describe("an engine on WebGPU", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-gpu-"));
  const stateDir = path.join(folder, "state");
  const clients: EngineClient[] = [];
  let modelsDir: string;

  const load = async (device: "cpu" | "webgpu" | "auto", models = modelsDir): Promise<{ client: EngineClient; loaded: LoadResult }> => {
    const client = await EngineClient.start({ enginePath, variables: adapterEnvironment() });
    clients.push(client);
    return { client, loaded: await client.load({ modelsDir: models, threads: 1, device, stateDir }) };
  };

  before(async () => void (modelsDir = await makeSmallModel(folder, "fp32")));
  after(async () => {
    for (const client of clients) await client.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("that was asked for is tried at once, and writes what the processor writes at 20 places and in fills", async () => {
    const { client, loaded } = await load("webgpu");
    const [{ device, deviceReason }] = loaded.models;
    assert.equal(device, "webgpu");
    assert.match(deviceReason, /asked for.*compared after up to \d+ tokens/);
    const found = await written(client);
    const expected = await written((await load("cpu")).client);
    assert.deepEqual([[...found.devices], [...expected.devices]], [["webgpu"], ["cpu"]]);
    assert.deepEqual(found.texts, expected.texts);
    assert.ok(found.accepted > 0, "no draft was accepted");
    // A text that is the same everywhere would show nothing.
    assert.ok(new Set(found.texts.map((text) => JSON.stringify(text))).size > PROMPTS / 2);
  });

  it("is known at the next start, where auto says why it stays on the processor", async () => {
    const { loaded } = await load("auto");
    assert.equal(loaded.models[0].device, "cpu");
    assert.match(loaded.models[0].deviceReason, /webgpu: not faster/);
  });

  it("takes no model whose weights are in rows, and says so", async () => {
    const rows = await makeSmallModel(folder, "rows");
    await assert.rejects(load("webgpu", rows), { code: "deviceUnusable", message: /--weights rows/ });
    assert.match((await load("auto", rows)).loaded.models[0].deviceReason, /webgpu: its weights are stored in rows/);
  });
});
