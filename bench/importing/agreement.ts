/**
 * How far imported models agree with one of them, position by position on real text: the same most probable token, and
 * perplexity. The first folder is the reference: import it with --weights fp32.
 *
 *     npx tsx bench/importing/agreement.ts --models REFERENCE --models OTHER ... --texts DIR --out bench/records/DATE_NAME [--positions 20000]
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../src/base/random.js";
import { createTokenizer } from "../../src/text/tokenizer.js";
import { provenanceOf } from "../library/provenance.js";
import { readSourceFiles } from "../library/sourceFiles.js";
import { ImportedGraph } from "./importedGraph.js";

const LENGTH = 1000;
const CHUNK = 128;
const SEED = 7;

const options = {
  models: { type: "string", multiple: true },
  texts: { type: "string" },
  out: { type: "string" },
  positions: { type: "string", default: "20000" },
  threads: { type: "string", default: "2" },
} as const;

/** What a model says at every position. */
interface Reading {
  readonly best: number[];
  /** Natural logarithms of the probabilities of the tokens that follow. */
  readonly logProbabilities: number[];
  /** How much the best score is above the second. */
  readonly margins: number[];
}

async function read(modelsDir: string, sequences: readonly (readonly number[])[], threads: number): Promise<Reading> {
  const graph = await ImportedGraph.load(modelsDir, LENGTH + CHUNK, threads);
  const reading: Reading = { best: [], logProbabilities: [], margins: [] };
  for (const sequence of sequences) {
    for (let past = 0; past < sequence.length; past += CHUNK) {
      const tokens = sequence.slice(past, past + CHUNK);
      const logits = await graph.pass(tokens, past, [...tokens.keys()]);
      for (const row of tokens.keys()) {
        const next = sequence[past + row + 1];
        if (next !== undefined) take(reading, logits.subarray(row * graph.entry.vocabSize, (row + 1) * graph.entry.vocabSize), next);
      }
    }
    process.stderr.write(`${modelsDir}: ${reading.best.length} positions\n`);
  }
  await graph.release();
  return reading;
}

function take(reading: Reading, scores: Float32Array, next: number): void {
  let [best, second, at] = [-Infinity, -Infinity, 0];
  for (let id = 0; id < scores.length; id += 1) {
    if (scores[id] > best) [second, best, at] = [best, scores[id], id];
    else if (scores[id] > second) second = scores[id];
  }
  let sum = 0;
  for (let id = 0; id < scores.length; id += 1) sum += Math.exp(scores[id] - best);
  reading.best.push(at);
  reading.logProbabilities.push(scores[next] - best - Math.log(sum));
  reading.margins.push(best - second);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function compare(reading: Reading, reference: Reading): object {
  const differs = reading.best.map((token, index) => token !== reference.best[index]);
  return {
    positions: reading.best.length,
    sameBestToken: 1 - mean(differs.map(Number)),
    /** Of those that differ, how many were no near ties. */
    differentBeyondOneNat: differs.filter((isOther, index) => isOther && reference.margins[index] > 1).length,
    perplexity: Math.exp(-mean(reading.logProbabilities)),
    perplexityOfReference: Math.exp(-mean(reference.logProbabilities)),
    meanChangeInNats: mean(reading.logProbabilities.map((value, index) => Math.abs(value - reference.logProbabilities[index]))),
  };
}

async function main(): Promise<void> {
  const { models = [], texts, out, positions, threads } = parseArgs({ options }).values;
  if (models.length < 2 || texts === undefined || out === undefined) {
    process.stderr.write("usage: tsx bench/importing/agreement.ts --models REFERENCE --models OTHER ... --texts DIR --out DIR\n");
    process.exitCode = 2;
    return;
  }
  const tokenizer = createTokenizer(readFileSync(path.join(models[0], "verifier/tokenizer.json"), "utf8"));
  const files = await readSourceFiles(texts);
  const random = createRandom(SEED);
  const sequences: number[][] = [];
  const wanted = Math.ceil(Number(positions) / (LENGTH - 1));
  for (let tries = 0; sequences.length < wanted && tries < 100 * wanted; tries += 1) {
    const { text } = files[Math.floor(random.next() * files.length)];
    const from = Math.floor(random.next() * Math.max(1, text.length - 6 * LENGTH));
    const tokens = tokenizer.encode(text.slice(from, from + 8 * LENGTH));
    if (tokens.length >= LENGTH) sequences.push(tokens.slice(0, LENGTH));
  }
  const reference = await read(models[0], sequences, Number(threads));
  const results: Record<string, object> = {};
  for (const folder of models.slice(1)) results[path.basename(folder)] = compare(await read(folder, sequences, Number(threads)), reference);
  const names = models.map((folder) => `--models ${path.basename(folder)}`).join(" ");
  const command = `npx tsx bench/importing/agreement.ts ${names} --texts ${path.basename(texts)} --positions ${positions} --threads ${threads}`;
  const provenance = await provenanceOf(command, ".", models[0]);
  mkdirSync(out, { recursive: true });
  const record = { benchmark: "agreement", ...provenance, device: "cpu", threads: Number(threads), seed: SEED, results };
  writeFileSync(path.join(out, "result.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

void main();
