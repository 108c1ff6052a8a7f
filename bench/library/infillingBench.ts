import { distance } from "fastest-levenshtein";
import type { EngineClient } from "../../src/client/engineClient.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import type { Tokenizer } from "../../src/text/tokenizer.js";
import { meanInterval, type Interval } from "./bootstrap.js";
import type { BenchMethod, MethodAnswer } from "./infillingMethod.js";
import { functionOf, testProgram, type InfillingRow } from "./infillingRows.js";
import type { Sandbox, SandboxOutcome } from "./sandbox.js";

/** How one method fared on one row. */
export interface RowResult {
  readonly task: string;
  readonly function: string;
  readonly method: string;
  readonly outcome: SandboxOutcome;
  /** The same, with the answer cut behind its first line. */
  readonly oneLineOutcome: SandboxOutcome;
  readonly isExact: boolean;
  /** 1 minus the edit distance over the longer of both texts. */
  readonly editSimilarity: number;
  readonly tokens: number;
  readonly trueTokens: number;
  readonly passes: number;
  readonly ms: number;
  readonly middle: string;
}

/** Answers one row by one method and runs its test. */
export async function benchRow(
  engine: Pick<EngineClient, "infill" | "complete">,
  tokenizer: Tokenizer,
  sandbox: Sandbox,
  row: InfillingRow,
  method: BenchMethod,
  signal: AbortSignal,
  maxTokens?: number,
): Promise<RowResult> {
  const text = row.prompt + row.suffix;
  const { prefix, suffix } = documentSlice(text, row.prompt.length, row.prompt.length);
  const trueTokens = tokenizer.encode(row.canonical_solution).length;
  return gradeRow(
    sandbox,
    row,
    method.name,
    trueTokens,
    await method.answer(engine, { prefix, suffix, trueTokens, languageId: "python", maxTokens }, signal),
  );
}

/** Runs the tests of a row with an answer put in, whole and cut to its first line, and compares it with the true middle. */
export async function gradeRow(
  sandbox: Pick<Sandbox, "run">,
  row: InfillingRow,
  method: string,
  trueTokens: number,
  { middle, tokens, passes, ms }: MethodAnswer,
): Promise<RowResult> {
  const truth = row.canonical_solution;
  const line = firstLine(middle);
  const outcome = await sandbox.run(testProgram(row, middle));
  const oneLineOutcome = line === middle ? outcome : await sandbox.run(testProgram(row, line));
  return {
    task: row.task_id,
    function: functionOf(row),
    method,
    outcome,
    oneLineOutcome,
    isExact: middle === truth,
    editSimilarity: 1 - distance(middle, truth) / Math.max(1, middle.length, truth.length),
    tokens,
    trueTokens,
    passes,
    ms,
    middle,
  };
}

/** The text up to and with its first line break; whole, with one added, if it has none. */
function firstLine(text: string): string {
  return `${text.split("\n", 1)[0]}\n`;
}

/** All rows of one method. */
export interface MethodSummary {
  readonly method: string;
  readonly rows: number;
  readonly pass1: number;
  readonly pass1Interval: Interval;
  readonly pass1OneLine: number;
  readonly pass1OneLineInterval: Interval;
  readonly exact: number;
  readonly editSimilarity: number;
  /** Share of answers with as many tokens as the true middle. */
  readonly rightLength: number;
  readonly meanPasses: number;
  readonly medianMs: number;
}

/** Shares and means of `results`, which are of one method; intervals by bootstrap over functions. */
export function summarize(method: string, results: readonly RowResult[]): MethodSummary {
  const mean = (valueOf: (result: RowResult) => number): number => results.reduce((sum, result) => sum + valueOf(result), 0) / results.length;
  const passes = ({ outcome }: RowResult): number => Number(outcome === "passed");
  const passesOneLine = ({ oneLineOutcome }: RowResult): number => Number(oneLineOutcome === "passed");
  const group = (result: RowResult): string => result.function;
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    method,
    rows: results.length,
    pass1: mean(passes),
    pass1Interval: meanInterval(results, group, passes),
    pass1OneLine: mean(passesOneLine),
    pass1OneLineInterval: meanInterval(results, group, passesOneLine),
    exact: mean(({ isExact }) => Number(isExact)),
    editSimilarity: mean(({ editSimilarity }) => editSimilarity),
    rightLength: mean(({ tokens, trueTokens }) => Number(tokens === trueTokens)),
    meanPasses: mean(({ passes: count }) => count),
    medianMs: times[Math.floor(times.length / 2)],
  };
}
