import { createHash } from "node:crypto";
import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { cutLines, type LineCount } from "../library/cutLines.js";
import { drawSome } from "../library/drawSome.js";
import { benchRow, summarize, type MethodSummary, type RowResult } from "../library/infillingBench.js";
import { diffusionMethod, verifierMethod, type BenchMethod } from "../library/infillingMethod.js";
import { infillingPlots } from "../library/infillingPlots.js";
import { readInfillingRows } from "../library/infillingRows.js";
import { Sandbox } from "../library/sandbox.js";
import { textsDigest } from "../library/textsDigest.js";
import { addBenchOptions, runBench, type BenchOptions } from "./benchRun.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { METHOD_NAMES, parseMethod } from "../../src/cli/methodOption.js";
import { integerOption } from "../../src/cli/numberOption.js";
import { withProgress } from "../../src/cli/progress.js";

/** Where lines are cut. */
const HOLES_OF_A_FUNCTION = 2;
/** So many are enough for a line on average. */
const TOKENS_OF_A_LINE = 20;

interface BenchInfillingOptions extends BenchOptions {
  readonly data: string;
  readonly methods: readonly BenchMethod[];
  readonly rows?: number;
  readonly cutLines?: LineCount;
  readonly python: string;
}

/** `npm run bench -- infilling`: functional correctness of infills on HumanEval-Infilling rows. */
export function addBenchInfilling(bench: Command, invoke: Invoke): void {
  const command = bench
    .command("infilling")
    .description("fill the holes of HumanEval-Infilling rows and run their tests, in a sandbox")
    .requiredOption("--data <file>", "rows as JSON lines, gzipped or plain")
    .addOption(methodsOption("auto,ar"))
    .addOption(new Option("--rows <n>", "only so many rows, drawn by the seed").argParser(integerOption(1, 1_000_000)))
    .addOption(
      new Option(
        "--cut-lines <least-most>",
        "instead of the rows, holes of so many whole lines, cut by the seed into the functions of the rows",
      ).argParser(parseLineCount),
    )
    .addOption(new Option("--python <command>", "interpreter that runs the tests").default("python3"));
  addBenchOptions(command).action((options: BenchInfillingOptions) => invoke((invocation) => benchInfilling(invocation, options)));
}

/** `--methods LIST`: ways to fill a hole, the verifier's among them. */
export function methodsOption(defaultList: string): Option {
  const option = new Option(
    "--methods <list>",
    `any of ar, deer, uncut (nothing but its own end ends a text), fill (by the verifier alone), oracle, ${METHOD_NAMES}`,
  );
  return option.argParser(parseMethods).default(parseMethods(defaultList), defaultList);
}

function parseMethods(list: string): BenchMethod[] {
  return list.split(",").map((name) => {
    if (name === "ar" || name === "deer") return verifierMethod(name, name);
    if (name === "uncut") return verifierMethod(name, "deer", true);
    if (name === "fill") return diffusionMethod(name, { method: "ar" });
    if (name === "oracle") return diffusionMethod(name, name);
    try {
      return diffusionMethod(name, parseMethod(name));
    } catch {
      throw new InvalidArgumentError(`Each must be ar, deer, uncut, fill, oracle, ${METHOD_NAMES}.`);
    }
  });
}

function parseLineCount(text: string): LineCount {
  const [, least, most] = /^(\d{1,3})-(\d{1,3})$/.exec(text) ?? [];
  if (least === undefined || Number(least) < 1 || Number(least) > Number(most)) throw new InvalidArgumentError("Two numbers of lines, such as 2-8.");
  return { least: Number(least), most: Number(most) };
}

async function benchInfilling(invocation: Invocation, options: BenchInfillingOptions): Promise<number> {
  const { seed, cutLines: lineCount } = options;
  const published = await readInfillingRows(options.data);
  const maxTokens = lineCount === undefined ? undefined : TOKENS_OF_A_LINE * lineCount.most;
  const all = lineCount === undefined ? published : cutLines(published, lineCount, HOLES_OF_A_FUNCTION, seed);
  const rows = drawSome(all, options.rows, seed);
  const { methods } = options;
  const sandbox = new Sandbox(options.python);
  const dataSha256 = createHash("sha256").update(JSON.stringify(all)).digest("hex");
  const settings = {
    data: path.basename(options.data),
    cutLines: lineCount,
    dataSha256,
    rows: rows.length,
    methods: methods.map(({ name }) => name),
  };
  const plan = { name: "infilling", identity: { dataSha256 }, settings };
  return runBench<RowResult>(invocation, options, plan, async ({ engine, signal, tokenizer, store }) => {
    const keyOf = (method: string, task: string): string => `${method} ${task}`;
    const done = new Set(store.results.map(({ task, method }) => keyOf(method, task)));
    await withProgress(invocation.output, "infilling", rows.length * methods.length, async (advance) => {
      for (const row of rows) {
        for (const method of methods) {
          if (signal.aborted) return;
          if (!done.has(keyOf(method.name, row.task_id))) {
            const result = await benchRow(engine, tokenizer, sandbox, row, method, signal, maxTokens);
            // What Ctrl-C cut short is no answer of the method's.
            if (signal.aborted) return;
            await store.add(result);
          }
          advance();
        }
      }
    });
    if (signal.aborted) return undefined;
    const byKey = new Map(store.results.map((result) => [keyOf(result.method, result.task), result]));
    const results = rows.flatMap(({ task_id }) => methods.flatMap(({ name }) => byKey.get(keyOf(name, task_id)) ?? []));
    const summaries = methods.map(({ name }) =>
      summarize(
        name,
        results.filter((result) => result.method === name),
      ),
    );
    const textsSha256 = textsDigest(results.map(({ middle }) => middle));
    return { results: { summaries, textsSha256 }, lines: summaries.map(readout), plots: infillingPlots(summaries, results) };
  });
}

/** A summary for people. */
export function readout(summary: MethodSummary): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const { method, rows, pass1, pass1Interval, pass1OneLine, exact, rightLength, meanPasses, medianMs } = summary;
  const interval = `${percent(pass1Interval.low)} to ${percent(pass1Interval.high)}`;
  const quality = `pass@1 ${percent(pass1)} (${interval}), cut to one line ${percent(pass1OneLine)}, exact ${percent(exact)}`;
  return `${method}: ${quality}, right length ${percent(rightLength)}, ${meanPasses.toFixed(1)} passes, ${medianMs.toFixed(0)} ms (${rows} rows)`;
}
