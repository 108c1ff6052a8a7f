import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ImportedGraph } from "../../bench/importing/importedGraph.js";
import { CLI_PATH } from "../process/runCli.js";

export const FIXTURES = path.join(import.meta.dirname, "fixtures");
const FOLDER = process.env.LACUNA_CHECKPOINTS ?? path.join(os.homedir(), ".cache/lacuna-models");
const CHUNK = 128;

/** What a checkpoint says of each token of lending.py when its values are multiplied out in 32 bits. */
export interface Golden {
  readonly tokens: readonly number[];
  readonly best: readonly number[];
  /** How much the best score is above the second. */
  readonly margins: readonly number[];
  readonly perplexity: number;
}

export const readGolden = (name: string): Golden => JSON.parse(readFileSync(path.join(FIXTURES, `${name}.json`), "utf8")) as Golden;

export const checkpointPath = (file: string): string => path.join(FOLDER, file);

export interface ImportRun {
  readonly code: number;
  readonly stderr: string;
  readonly peakBytes: number;
  readonly ms: number;
}

/** Runs `lacuna import` of the built command line, and measures its memory. */
export function runImport(source: string, out: string, more: readonly string[] = []): Promise<ImportRun> {
  const watch = pathToFileURL(path.join(import.meta.dirname, "peakMemory.mjs")).href;
  const start = performance.now();
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", watch, CLI_PATH, "import", source, "--out", out, ...more], (error, _, stderr) => {
      const [, kilobytes] = /^peak (\d+) kB$/m.exec(stderr) ?? [];
      const code = error === null ? 0 : Number(error.code ?? -1);
      resolve({ code, stderr, peakBytes: kilobytes === undefined ? NaN : Number(kilobytes) * 1024, ms: performance.now() - start });
    });
  });
}

/** What an imported model makes of a text whose tokens are known. */
export interface Agreement {
  /** Share of the positions with the same most probable token. */
  readonly same: number;
  /** Positions where that token is another, and the reference was sure of it by at least one nat. */
  readonly otherThanSure: number;
  readonly perplexity: number;
}

/** Reads the golden's tokens with the model of a folder. */
export async function agreementWith(golden: Golden, modelsDir: string): Promise<Agreement> {
  const { tokens, best, margins } = golden;
  const graph = await ImportedGraph.load(modelsDir, tokens.length, Math.min(4, os.availableParallelism()));
  let [same, otherThanSure, loss] = [0, 0, 0];
  for (let past = 0; past < tokens.length; past += CHUNK) {
    const part = tokens.slice(past, past + CHUNK);
    const logits = await graph.pass(part, past, [...part.keys()]);
    for (const row of part.keys()) {
      const at = past + row;
      const scores = logits.subarray(row * graph.entry.vocabSize, (row + 1) * graph.entry.vocabSize);
      const top = highest(scores);
      if (top === best[at]) same += 1;
      else if (margins[at] > 1) otherThanSure += 1;
      if (at + 1 < tokens.length) loss += logSumOf(scores, scores[top]) - scores[tokens[at + 1]];
    }
  }
  await graph.release();
  return { same: same / tokens.length, otherThanSure, perplexity: Math.exp(loss / (tokens.length - 1)) };
}

function highest(scores: Float32Array): number {
  let best = 0;
  for (let id = 1; id < scores.length; id += 1) if (scores[id] > scores[best]) best = id;
  return best;
}

function logSumOf(scores: Float32Array, most: number): number {
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - most);
  return most + Math.log(sum);
}
