/**
 * What decoding costs, on places of given source files: overhead, the search for a length, the block loop, requests.
 *
 *     npx tsx bench/decoding/measure.ts --prompts DIR --out bench/records/DATE_NAME [--places 40] [--threads 1] [--models models]
 *
 * The search for a length and the block loop are those of a diffuser: without one they are left out.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { provenanceOf } from "../library/provenance.js";
import { readSourceFiles } from "../library/sourceFiles.js";
import { devicesOf } from "../../src/protocol/devicesOf.js";
import { EngineClient } from "../../src/client/engineClient.js";
import { loadPair } from "../../src/engine/models/pair.js";
import { measureBlockLoop } from "./blockLoop.js";
import { measureLengthSearch } from "./lengthSearch.js";
import { measureOverhead } from "./overhead.js";
import { placesOf } from "./places.js";
import { measureRequests } from "./requests.js";

const SEED = 1;

const options = {
  prompts: { type: "string" },
  out: { type: "string" },
  places: { type: "string", default: "40" },
  threads: { type: "string", default: "1" },
  models: { type: "string", default: "models" },
} as const;

async function main(): Promise<void> {
  const { prompts, out, places: count, threads, models: folder } = parseArgs({ options }).values;
  if (prompts === undefined || out === undefined) {
    process.stderr.write("usage: tsx bench/decoding/measure.ts --prompts DIR --out DIR [--places N] [--threads N] [--models DIR]\n");
    process.exitCode = 2;
    return;
  }
  const files = await readSourceFiles(prompts);
  const sources = `--prompts ${path.basename(prompts)} --places ${count}`;
  const command = `npx tsx bench/decoding/measure.ts ${sources} --threads ${threads} --models ${path.basename(folder)}`;
  const provenance = await provenanceOf(command, ".", folder);
  const load = { modelsDir: path.resolve(folder), threads: Number(threads), device: "cpu" } as const;

  const models = await loadPair(load);
  const places = placesOf(models, files, Number(count), SEED);
  // The first round warms up the runtime: only the second counts.
  await measureOverhead(models, folder, places.slice(0, 3));
  const overhead = await measureOverhead(models, folder, places);
  const hasDiffuser = models.diffuser !== undefined;
  const lengthSearch = hasDiffuser ? await measureLengthSearch(models, places) : undefined;
  const blockLoop = hasDiffuser ? await measureBlockLoop(models, places) : undefined;

  const engine = await EngineClient.start({ enginePath: path.resolve("dist/engine.js") });
  await engine.load(load);
  const requests = await measureRequests(engine, places, files.map(({ text }) => text).join("\n"));
  await engine.dispose();

  const results = { overhead, lengthSearch, blockLoop, requests };
  process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  mkdirSync(out, { recursive: true });
  const settings = { prompts: path.basename(prompts), places: places.length };
  const { models: loaded, threads: used } = models.report;
  const device = devicesOf(loaded);
  const record = { benchmark: "decoding", ...provenance, device, threads: used, seed: SEED, settings, results };
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
