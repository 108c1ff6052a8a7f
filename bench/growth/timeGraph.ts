/**
 * Times passes of one graph in a process of its own, and prints what was found as JSON.
 *
 *     npx tsx bench/growth/timeGraph.ts GRAPH LAYOUT THREADS ROUNDS
 */
import { LAYOUTS } from "./layouts.js";
import { ImportedGraph } from "../importing/importedGraph.js";
import { processMemory } from "../peers/processMemory.js";
import { sampleTokens } from "../peers/peerSpeed.js";
import { median } from "../../src/base/median.js";
import { PREFILL_CHUNK } from "../../src/engine/models/cachedVerifier.js";

const CONTEXTS = [128, 512, 1024, 2048, 4096];
const WIDTHS = [1, 4, 8, 16];

async function main(): Promise<void> {
  const [file, name, threads, rounds] = process.argv.slice(2);
  const { vocabSize, layers, kvHeads, headDim } = LAYOUTS[name];
  const entry = { vocabSize, cache: { layers, kvHeads, headDim, type: "float32" as const } };
  const empty = processMemory();
  const start = performance.now();
  const graph = await ImportedGraph.open(entry, file, Math.max(...CONTEXTS) + Math.max(...WIDTHS), Number(threads));
  const loadMs = performance.now() - start;
  const tokens = sampleTokens(PREFILL_CHUNK).map((token) => token % vocabSize);
  const timed = async (width: number, past: number): Promise<number> => {
    const begin = performance.now();
    await graph.pass(tokens.slice(0, width), past, [width - 1]);
    return performance.now() - begin;
  };
  /** Medians over rounds; a first pass of each kind is not counted. */
  const medianMs = async (width: number, past: number): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round <= Number(rounds); round += 1) times.push(await timed(width, past));
    return Math.round(median(times.slice(1)) * 100) / 100;
  };
  const byContext = [];
  for (const context of CONTEXTS) {
    const passMs: Record<string, number> = {};
    for (const width of WIDTHS) passMs[width] = await medianMs(width, context);
    byContext.push({ context, passMs, readMs: await medianMs(PREFILL_CHUNK, context - PREFILL_CHUNK) });
  }
  const used = processMemory();
  process.stdout.write(JSON.stringify({ loadMs: Math.round(loadMs), readTokens: PREFILL_CHUNK, byContext, memory: { empty, used } }));
}

void main();
