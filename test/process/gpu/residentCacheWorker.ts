/**
 * Runs one model on the processor and on WebGPU, and prints how they compare. Arguments: the models folder, the lengths to which a sequence
 * is read in turn, and anything more where texts and memory are wanted too.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { createRandom } from "../../../src/base/random.js";
import { decodeAutoregressively } from "../../../src/decode/autoregressive.js";
import { layoutOf } from "../../../src/decode/sequence.js";
import { CachedVerifier } from "../../../src/engine/models/cachedVerifier.js";
import { ContextPool } from "../../../src/engine/models/contextPool.js";
import { KvCache } from "../../../src/engine/models/kvCache.js";
import { PassRunner } from "../../../src/engine/models/passRunner.js";
import { placeOn, type Placement } from "../../../src/engine/models/placement.js";
import { probeTokens } from "../../../src/engine/models/probeTokens.js";
import { Program } from "../../../src/engine/runtime/program.js";
import { PassGate } from "../../../src/engine/passGate.js";
import { verifierOf } from "../../../src/protocol/manifest.js";
import { parseManifest } from "../../../src/protocol/parseManifest.js";

const [folder, lengths, more] = process.argv.slice(2);
const entry = verifierOf(parseManifest(readFileSync(path.join(folder, "manifest.json"), "utf8")));
const graphPath = path.join(folder, entry.graph.path);
const tokens = probeTokens(600, entry.vocabSize);
const runnerOn = (placement: Placement): PassRunner => new PassRunner(entry, placement, new PassGate());

/** Reads the probe up to each length in turn. @returns the largest difference of the first and the last logits at each, in deviations */
async function differences(onProcessor: PassRunner, onDevice: PassRunner, lengths: readonly number[]): Promise<number[]> {
  const caches = [new KvCache(entry.cache), new KvCache(entry.cache)];
  let past = 0;
  const found: number[] = [];
  for (const length of lengths) {
    const part = tokens.slice(past, length);
    const rows = [0, part.length - 1];
    const expected = (await onProcessor.forward(caches[0], part, past, rows)).slice();
    const given = await onDevice.forward(caches[1], part, past, rows);
    const deviation = Math.sqrt(expected.reduce((sum, value) => sum + value ** 2, 0) / expected.length);
    found.push(given.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index]) / deviation), 0));
    for (const cache of caches) cache.append(part, true);
    past = length;
  }
  for (const cache of caches) cache.free();
  return found;
}

/** Greedy text after the first tokens of the probe, by a model that fails after so many passes. */
async function textWith(placement: Placement, passes = Infinity): Promise<{ tokens: number[]; failures: string[]; device: string }> {
  let done = 0;
  const failures: string[] = [];
  const program: Placement["program"] = {
    inPlace: true,
    run: async (inputs, outputs) => {
      if ((done += 1) > passes) throw new Error("device lost");
      await placement.program.run(inputs, outputs);
    },
  };
  const fallBack = { create: () => Program.create(graphPath, 1, "cpu"), tell: (error: unknown) => void failures.push(String(error)) };
  const runner = new PassRunner(entry, { ...placement, program }, new PassGate(), fallBack);
  const pool = new ContextPool(entry.cache, undefined, 0);
  const verifier = new CachedVerifier(runner, entry, pool, { multiple: 4 }, "padded");
  const options = { maxTokens: 24, rule: { temperature: 0, topP: 1 }, random: createRandom(1) };
  const text: number[] = [];
  for await (const part of decodeAutoregressively(verifier, layoutOf(tokens.slice(0, 270)), options)) text.push(...part);
  pool.clear();
  return { tokens: text, failures, device: runner.device };
}

const collect = (globalThis as { gc?: () => void }).gc;

/** Resident megabytes after each hundred passes in a cache that is given back and taken again every so often. */
async function memory(onDevice: PassRunner, passes: number): Promise<number[]> {
  const found: number[] = [];
  let cache = new KvCache(entry.cache);
  for (let pass = 1; pass <= passes; pass += 1) {
    await onDevice.forward(cache, tokens.slice(0, 4), (pass * 4) % 300, [3]);
    if (pass % 50 === 0) {
      cache.free();
      cache = new KvCache(entry.cache);
    }
    if (pass % 100 !== 0) continue;
    collect?.();
    found.push(process.memoryUsage.rss() / 1e6);
  }
  return found;
}

async function main(): Promise<void> {
  const processor = await placeOn("cpu", graphPath, 1);
  const device = await placeOn("webgpu", graphPath, 1);
  const compared = { differences: await differences(runnerOn(processor), runnerOn(device), lengths.split(",").map(Number)) };
  const texts = async (): Promise<object> => ({
    expected: (await textWith(processor)).tokens,
    whole: await textWith(device),
    lost: await textWith(device, 20),
    lostWhileReading: await textWith(device, 3),
    megabytes: await memory(runnerOn(device), 1000),
  });
  const found = more === undefined ? compared : { ...compared, ...(await texts()) };
  console.log(JSON.stringify(found));
  process.exit(0);
}

void main();
