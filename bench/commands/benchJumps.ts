import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Option, type Command } from "commander";
import { createRandom } from "../../src/base/random.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { integerOption } from "../../src/cli/numberOption.js";
import { withProgress } from "../../src/cli/progress.js";
import type { Engine } from "../../src/cli/environment.js";
import { documentSlice } from "../../src/protocol/documentSlice.js";
import { toLf } from "../../src/text/lineEnds.js";
import { ReadingAhead } from "../../src/suggest/readingAhead.js";
import { systemClock } from "../../src/machine/systemClock.js";
import { addBenchOptions, runBench, type BenchOptions } from "./benchRun.js";
import { listOption } from "./listOption.js";

interface BenchJumpsOptions extends BenchOptions {
  readonly sources: readonly string[];
  readonly jumps: number;
  readonly lines: number;
  readonly keys: number;
  readonly rest: number;
}

/** How long somebody waited for the first text, in the engine, in milliseconds; for the end of an empty answer where there was none. */
interface JumpResult {
  readonly jumpMs: number;
  readonly jumpPromptMs: number;
  readonly keyMs: readonly number[];
}

const MAX_TOKENS = 24;

/** `npm run bench -- jumps`: how soon text comes after the cursor has jumped, and at the keys after that. */
export function addBenchJumps(bench: Command, invoke: Invoke): void {
  const command = bench
    .command("jumps")
    .description("jump through source files, type on there, and time the first text in the engine")
    .addOption(new Option("--sources <files>", "source files, separated by commas").argParser(listOption((name) => name)).makeOptionMandatory())
    .addOption(new Option("--jumps <n>", "how many").argParser(integerOption(1, 10_000)).default(30))
    .addOption(new Option("--lines <n>", "how far").argParser(integerOption(1, 10_000)).default(40))
    .addOption(
      new Option("--rest <ms>", "how long the cursor rests after each, its place being read ahead").argParser(integerOption(0, 60_000)).default(0),
    )
    .addOption(new Option("--keys <n>", "letters that are typed after each").argParser(integerOption(1, 100)).default(6));
  addBenchOptions(command).action((options: BenchJumpsOptions) => invoke((invocation) => benchJumps(invocation, options)));
}

async function benchJumps(invocation: Invocation, options: BenchJumpsOptions): Promise<number> {
  const { jumps, lines, keys, rest, seed } = options;
  const texts = await Promise.all(options.sources.map(async (file) => toLf(await readFile(file, "utf8"))));
  const sourcesSha256 = createHash("sha256").update(JSON.stringify(texts)).digest("hex");
  const choices = { lines, keys, rest, sourcesSha256 };
  const settings = { sources: options.sources.map((file) => path.basename(file)), jumps, ...choices };
  return runBench<JumpResult>(invocation, options, { name: "jumps", identity: choices, settings }, async ({ engine, signal, store }) => {
    const random = createRandom(seed);
    await withProgress(invocation.output, "jumps", jumps, async (advance) => {
      for (let jump = 0; jump < jumps; jump += 1) {
        const text = texts[jump % texts.length];
        const ends = lineEnds(text, keys);
        const from = Math.floor(random.next() * (ends.length - lines));
        if (signal.aborted) return;
        if (jump >= store.results.length)
          await store.add(await jumpOnce(engine, text, { from: ends[from], to: ends[from + lines] }, options, signal));
        advance();
      }
    });
    if (signal.aborted) return undefined;
    const results = store.results.slice(0, jumps);
    const summary = { jumpMs: spread(results.map(({ jumpMs }) => jumpMs)), keyMs: spread(results.flatMap(({ keyMs }) => keyMs)) };
    const shown = ({ p50, p90 }: Spread): string => `p50 ${p50.toFixed(0)} ms, p90 ${p90.toFixed(0)} ms`;
    return {
      results: { jumps: results.length, ...summary },
      lines: [`first text after a jump: ${shown(summary.jumpMs)}; after a key: ${shown(summary.keyMs)}`],
      plots: [],
    };
  });
}

interface Spread {
  readonly p50: number;
  readonly p90: number;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))];
  return { p50: at(0.5), p90: at(0.9) };
}

/** Offsets of the ends of the lines that have text to type. */
function lineEnds(text: string, keys: number): number[] {
  return [...text.matchAll(/[^\n]+/g)].filter(([line]) => line.trim().length > 2 * keys).map(({ index, 0: line }) => index + line.length);
}

/** Asks at one line, then, after a rest, at another whose last letters are typed again. */
async function jumpOnce(
  engine: Engine,
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
  { keys, rest }: Pick<BenchJumpsOptions, "keys" | "rest">,
  signal: AbortSignal,
): Promise<JumpResult> {
  await ask(engine, text, from, from, signal);
  if (rest > 0) await readAhead(engine, text, to - keys, to, rest);
  const jump = await ask(engine, text, to - keys, to, signal);
  const keyMs: number[] = [];
  for (let typed = 1; typed <= keys; typed += 1) keyMs.push((await ask(engine, text, to - keys + typed, to, signal)).firstTextMs);
  return { jumpMs: jump.firstTextMs, jumpPromptMs: jump.promptMs, keyMs };
}

/** Rests at a place as the product does: it is read after a moment, until the first key. */
async function readAhead(engine: Engine, text: string, at: number, lineEnd: number, restMs: number): Promise<void> {
  const around = documentSlice(text.slice(0, at) + text.slice(lineEnd), at, at);
  const reading = new ReadingAhead({
    clock: systemClock,
    read: async (place, signal) => (await engine.readAhead({ ...place, maxTokens: MAX_TOKENS }, { signal })).outcome === "done",
  });
  void reading.moved(() => ({ uri: "", ...around }));
  await systemClock.wait(restMs);
  reading.stop();
}

/** Asks for a line at `at`; what stands from there to `lineEnd` is not yet written. */
async function ask(
  engine: Engine,
  text: string,
  at: number,
  lineEnd: number,
  signal: AbortSignal,
): Promise<{ readonly firstTextMs: number; readonly promptMs: number }> {
  const { prefix, suffix } = documentSlice(text.slice(0, at) + text.slice(lineEnd), at, at);
  const start = performance.now();
  let firstTextMs: number | undefined;
  const onText = (piece: string): void => {
    if (piece !== "") firstTextMs ??= performance.now() - start;
  };
  const params = { prefix, suffix, maxTokens: MAX_TOKENS, maxLines: 1, temperature: 0, topP: 1, seed: 0, decoder: "deer", block: "auto" } as const;
  const { ms, promptMs } = await engine.complete(params, { signal, onText });
  return { firstTextMs: firstTextMs ?? ms, promptMs };
}
