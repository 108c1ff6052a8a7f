import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { benchRow, summarize, type MethodSummary, type RowResult } from "../bench/infillingBench.js";
import { diffusionMethod, verifierMethod, type BenchMethod } from "../bench/infillingMethod.js";
import { readInfillingRows, type InfillingRow } from "../bench/infillingRows.js";
import { thisMachine } from "../bench/machine.js";
import { ResultStore } from "../bench/resultStore.js";
import { Sandbox } from "../bench/sandbox.js";
import { createRandom } from "../decode/random.js";
import { createTokenizer } from "../text/tokenizer.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { METHOD_NAMES, parseMethod } from "./methodOption.js";
import { integerOption } from "./numberOption.js";
import { withProgress } from "./progress.js";
import { withModels } from "./session.js";

interface BenchInfillingOptions {
  readonly data: string;
  readonly methods: readonly BenchMethod[];
  readonly rows?: number;
  readonly seed: number;
  readonly out: string;
  readonly python: string;
}

const DEFAULT_METHODS = parseMethods("auto,ar");

/** `lacuna bench infilling`: functional correctness of infills on HumanEval-Infilling rows. */
export function addBenchInfilling(bench: Command, invoke: Invoke): void {
  bench
    .command("infilling")
    .description("fill the holes of HumanEval-Infilling rows and run their tests, in a sandbox")
    .requiredOption("--data <file>", "rows as JSON lines, gzipped or plain")
    .requiredOption("--out <dir>", "folder for rows.jsonl and result.json; a run that was cut off goes on there")
    .addOption(new Option("--methods <list>", `ar, deer, oracle, ${METHOD_NAMES}`).argParser(parseMethods).default(DEFAULT_METHODS, "auto,ar"))
    .addOption(new Option("--rows <n>", "only so many rows, drawn by the seed").argParser(integerOption(1, 1_000_000)))
    .addOption(new Option("--seed <n>", "seed of the draw").argParser(integerOption(0, 2 ** 32 - 1)).default(1))
    .addOption(new Option("--python <command>", "interpreter that runs the tests").default("python3"))
    .action((options: BenchInfillingOptions) => invoke((invocation) => benchInfilling(invocation, options)));
}

function parseMethods(list: string): BenchMethod[] {
  return list.split(",").map((name) => {
    if (name === "ar" || name === "deer") return verifierMethod(name);
    if (name === "oracle") return diffusionMethod(name, name);
    try {
      return diffusionMethod(name, parseMethod(name));
    } catch {
      throw new InvalidArgumentError(`Each must be ar, deer, oracle, ${METHOD_NAMES}.`);
    }
  });
}

async function benchInfilling(invocation: Invocation, options: BenchInfillingOptions): Promise<number> {
  const { environment, globals, output } = invocation;
  const rows = drawn(await readInfillingRows(options.data), options.rows, options.seed);
  const modelsDir = path.resolve(globals.models);
  const store = await ResultStore.open<RowResult>(options.out, await identityOf(modelsDir, environment.distDir));
  const sandbox = new Sandbox(options.python);
  const done = new Set(store.results.map(({ task, method }) => `${method} ${task}`));
  return withModels(invocation, async ({ engine, signal, loaded }) => {
    const tokenizer = createTokenizer(await readFile(path.join(modelsDir, "tokenizer.json"), "utf8"));
    const { methods } = options;
    await withProgress(output, "infilling", rows.length * methods.length, async (advance) => {
      for (const row of rows) {
        for (const method of methods) {
          if (signal.aborted) return;
          if (!done.has(`${method.name} ${row.task_id}`)) await store.add(await benchRow(engine, tokenizer, sandbox, row, method, signal));
          advance();
        }
      }
    });
    if (signal.aborted) return INTERRUPTED_EXIT_CODE;
    const wanted = new Set(rows.map(({ task_id }) => task_id));
    const summaries = methods.map(({ name }) => summarize(name, store.results.filter((result) => result.method === name && wanted.has(result.task))));
    for (const summary of summaries) output.line(readout(summary));
    const { models, threads, device } = loaded;
    const result = { data: path.basename(options.data), seed: options.seed, machine: thisMachine(), threads, device, models, summaries };
    await writeFile(path.join(options.out, "result.json"), `${JSON.stringify(result, undefined, 2)}\n`);
    output.document(result);
    return 0;
  });
}

/** Names what results depend on: the models and the build of the engine. */
async function identityOf(modelsDir: string, distDir: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [path.join(modelsDir, "manifest.json"), path.join(distDir, "engine.js")]) {
    hash.update(await readFile(file).catch(() => Buffer.alloc(0)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** `count` of `rows`, chosen by `seed`, in their order; all of them without a count. */
function drawn(rows: readonly InfillingRow[], count: number | undefined, seed: number): readonly InfillingRow[] {
  if (count === undefined || count >= rows.length) return rows;
  const random = createRandom(seed);
  const keys = rows.map((row, index) => ({ row, index, key: random.next() }));
  const chosen = keys.sort((a, b) => a.key - b.key).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ row }) => row);
}

function readout(summary: MethodSummary): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const { method, rows, pass1, pass1Interval, pass1OneLine, exact, rightLength, meanPasses, medianMs } = summary;
  const interval = `${percent(pass1Interval.low)} to ${percent(pass1Interval.high)}`;
  const quality = `pass@1 ${percent(pass1)} (${interval}), cut to one line ${percent(pass1OneLine)}, exact ${percent(exact)}`;
  return `${method}: ${quality}, right length ${percent(rightLength)}, ${meanPasses.toFixed(1)} passes, ${medianMs.toFixed(0)} ms (${rows} rows)`;
}
