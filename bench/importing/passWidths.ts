/**
 * Time of a forward pass over 1 to 128 tokens behind 512, for imported models in turns.
 *
 *     npx tsx bench/importing/passWidths.ts --models DIR [--models DIR ...] --out bench/records/DATE_NAME [--rounds 8] [--threads 2]
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { provenanceOf } from "../library/provenance.js";
import { ImportedGraph } from "./importedGraph.js";

const PAST = 512;
const WIDTHS = [1, 4, 8, 16, 32, 128];
const MOST_ROWS = 16;

const options = {
  models: { type: "string", multiple: true },
  out: { type: "string" },
  rounds: { type: "string", default: "8" },
  threads: { type: "string", default: "2" },
} as const;

/** Memory that only this process has, in megabytes; what is mapped from files is not counted. */
function ownMemoryMB(): number {
  const [, kilobytes = "0"] = /RssAnon:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

async function main(): Promise<void> {
  const { models = [], out, rounds, threads } = parseArgs({ options }).values;
  if (models.length === 0 || out === undefined) {
    process.stderr.write("usage: tsx bench/importing/passWidths.ts --models DIR [--models DIR ...] --out DIR [--rounds N] [--threads N]\n");
    process.exitCode = 2;
    return;
  }
  const graphs: { name: string; graph: ImportedGraph; memoryMB: number; ms: Record<string, number> }[] = [];
  for (const folder of models) {
    const before = ownMemoryMB();
    const graph = await ImportedGraph.load(folder, PAST + 128, Number(threads));
    graphs.push({ name: path.basename(folder), graph, memoryMB: ownMemoryMB() - before, ms: {} });
  }
  for (const width of WIDTHS) {
    const tokens = Array.from({ length: width }, (_, index) => 1000 + index * 7);
    // Reading a prompt wants one row, checking a draft wants them all.
    const rows = width <= MOST_ROWS ? [...tokens.keys()] : [width - 1];
    for (let round = 0; round < Number(rounds); round += 1) {
      for (const { graph, ms } of graphs) {
        const start = performance.now();
        await graph.pass(tokens, PAST, rows);
        ms[width] = Math.min(ms[width] ?? Infinity, performance.now() - start);
      }
    }
    process.stderr.write(`${width}: ${graphs.map(({ name, ms }) => `${name} ${ms[width].toFixed(1)} ms`).join(", ")}\n`);
  }
  const results = Object.fromEntries(graphs.map(({ name, memoryMB, ms }) => [name, { memoryMB, bestMs: ms }]));
  const names = models.map((folder) => `--models ${path.basename(folder)}`).join(" ");
  const command = `npx tsx bench/importing/passWidths.ts ${names} --rounds ${rounds} --threads ${threads}`;
  const provenance = await provenanceOf(command, ".", models[0]);
  mkdirSync(out, { recursive: true });
  const record = { benchmark: "passWidths", ...provenance, device: "cpu", threads: Number(threads), past: PAST, results };
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
