/**
 * Whether a device writes what the processor writes: greedy completions with drafts, and fills, at places of an example file.
 *
 *     npx tsx bench/devices/agree.ts --device webgpu --out DIR [--models models] [--places 20] [--around 96] [--tokens 8] [--untried]
 *
 * The engine finds devices as everywhere; VK_ICD_FILENAMES and LD_LIBRARY_PATH name a software adapter where there is no other.
 * With --untried it runs there without the trial before, which an adapter in software takes an hour for where the model is large.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { provenanceOf } from "../library/provenance.js";
import { EngineClient } from "../../src/client/engineClient.js";
import type { Accelerator } from "../../src/engine/models/device.js";
import { DeviceRecords } from "../../src/engine/models/deviceRecords.js";
import { graphicsDriver } from "../../src/engine/models/graphicsDriver.js";
import { parseManifest } from "../../src/protocol/parseManifest.js";
import type { Device } from "../../src/protocol/messages.js";

const SOURCE = "media/demo/example.py";
const BLOCK = 7;
const FILL_EVERY = 4;
const THREADS = 2;

const options = {
  device: { type: "string", default: "webgpu" },
  out: { type: "string" },
  models: { type: "string", default: "models" },
  places: { type: "string", default: "20" },
  around: { type: "string", default: "96" },
  tokens: { type: "string", default: "8" },
  untried: { type: "boolean", default: false },
} as const;

interface Plan {
  readonly modelsDir: string;
  readonly stateDir: string;
  readonly places: number;
  readonly around: number;
  readonly tokens: number;
}

interface Written {
  readonly texts: readonly string[];
  readonly models: readonly object[];
  readonly drafted: number;
  readonly accepted: number;
  readonly readerPasses: number;
  readonly loadMs: number;
  readonly ms: number;
}

async function main(): Promise<void> {
  const { device, out, models, places, around, tokens, untried } = parseArgs({ options }).values;
  if (out === undefined) {
    process.stderr.write(
      "usage: tsx bench/devices/agree.ts --out DIR [--device webgpu] [--models DIR] [--places N] [--around N] [--tokens N] [--untried]\n",
    );
    process.exitCode = 2;
    return;
  }
  const size = `--places ${places} --around ${around} --tokens ${tokens}${untried ? " --untried" : ""}`;
  const command = `npx tsx bench/devices/agree.ts --device ${device} --models ${path.basename(models)} ${size}`;
  const provenance = await provenanceOf(command, ".", models);
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "lacuna-agree-"));
  const plan = { modelsDir: path.resolve(models), stateDir, places: Number(places), around: Number(around), tokens: Number(tokens) };
  const processor = await written("cpu", plan);
  if (untried) await callRight(device as Accelerator, plan);
  const given = await written(device as Device, plan);
  rmSync(stateDir, { recursive: true });
  const differ = given.texts.filter((text, index) => text !== processor.texts[index]).length;
  const results = { compared: given.texts.length, differ, device: given, processor };
  process.stdout.write(`${given.texts.length} texts, ${differ} differ\n`);
  mkdirSync(out, { recursive: true });
  const record = { benchmark: "devices", ...provenance, device, threads: THREADS, settings: { source: SOURCE, block: BLOCK }, results };
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Leaves word where the engine looks that a trial found the device right. */
async function callRight(device: Accelerator, { modelsDir, stateDir }: Plan): Promise<void> {
  const manifest = parseManifest(readFileSync(path.join(modelsDir, "manifest.json"), "utf8"));
  new DeviceRecords(stateDir, manifest, THREADS, await graphicsDriver()).put(device, { verdict: "right", detail: "without a trial" });
}

/** All texts of a device, by an engine of its own. */
async function written(device: Device, { modelsDir, stateDir, places, around, tokens }: Plan): Promise<Written> {
  const source = readFileSync(SOURCE, "utf8");
  const engine = await EngineClient.start({ enginePath: path.resolve("dist/engine.js") });
  try {
    const { models, loadMs } = await engine.load({ modelsDir, threads: THREADS, device, stateDir });
    process.stderr.write(`${models.map((model) => `${model.role} on ${model.device}: ${model.deviceReason}`).join("\n")}\n`);
    const texts: string[] = [];
    let [drafted, accepted, readerPasses] = [0, 0, 0];
    const start = performance.now();
    for (let index = 0; index < places; index += 1) {
      const at = Math.floor((source.length * (index + 1)) / (places + 2));
      const hole = {
        prefix: source.slice(Math.max(0, at - around), at),
        suffix: source.slice(at, at + around / 2),
        temperature: 0,
        topP: 1,
        seed: 1,
      };
      const result = await engine.complete({ ...hole, maxTokens: tokens, decoder: "deer", block: BLOCK, isUncut: true });
      texts.push(JSON.stringify(result.tokenIds));
      drafted += result.drafted;
      accepted += result.accepted;
      readerPasses += result.passes.diffuser;
      if (index % FILL_EVERY === 0) texts.push((await engine.infill({ ...hole, method: "auto", maxTokens: tokens })).middle);
      process.stderr.write(`${index + 1} of ${places}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
    }
    return { texts, models, drafted, accepted, readerPasses, loadMs, ms: performance.now() - start };
  } finally {
    await engine.dispose();
  }
}

void main();
