/**
 * What passes cost by the size of the model and the length of the context: networks of random weights, each in a process of its own.
 *
 *     npx tsx bench/growth/measure.ts --out bench/records/DATE_NAME [--layouts 12m,qwen2.5-1.5b] [--rounds 5] [--threads 2] [--weights rows]
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { thisMachine } from "../library/machine.js";
import { checkoutOf } from "../library/provenance.js";
import { LAYOUTS } from "./layouts.js";
import { writeRandomGraph } from "./randomGraph.js";
import { parameterCount } from "../../src/convert/sources/network.js";
import { WEIGHT_PLANS } from "../../src/convert/weights/matrixStore.js";

const options = {
  out: { type: "string" },
  layouts: { type: "string", default: Object.keys(LAYOUTS).join() },
  rounds: { type: "string", default: "5" },
  threads: { type: "string", default: "2" },
  weights: { type: "string", default: "rows" },
} as const;

const TIMER = path.join(import.meta.dirname, "timeGraph.ts");

async function main(): Promise<void> {
  const { out, layouts, rounds, threads, weights } = parseArgs({ options }).values;
  const plan = WEIGHT_PLANS.find((each) => each === weights);
  const names = layouts.split(",");
  if (!names.every((name) => name in LAYOUTS) || plan === undefined || out === undefined) {
    const known = `--layouts ${Object.keys(LAYOUTS).join()} --weights ${WEIGHT_PLANS.join("|")}`;
    process.stderr.write(`usage: tsx bench/growth/measure.ts --out DIR [--rounds N] [--threads N] ${known}\n`);
    process.exitCode = 2;
    return;
  }
  const checkout = await checkoutOf(".");
  const machine = thisMachine();
  const results: Record<string, unknown> = {};
  for (const name of names) {
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-growth-"));
    try {
      const graph = await writeRandomGraph(LAYOUTS[name], plan, folder);
      const fileMB = Math.round(statSync(`${graph}.data`).size / 2 ** 20);
      const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", TIMER, graph, name, threads, rounds]);
      process.stderr.write(`${name}: ${stdout}\n`);
      results[name] = { parameters: parameterCount(LAYOUTS[name]), fileMB, ...(JSON.parse(stdout) as object) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const command = `npx tsx bench/growth/measure.ts --layouts ${names.join()} --rounds ${rounds} --threads ${threads} --weights ${plan}`;
  const date = new Date().toISOString().slice(0, 10);
  const record = { benchmark: "growth", command, ...checkout, date, machine, device: "cpu", threads: Number(threads), weights: plan, results };
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
