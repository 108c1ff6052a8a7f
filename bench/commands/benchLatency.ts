import { Option, type Command } from "commander";
import { replayKeystrokes, type KeystrokeResult } from "../library/keystrokeReplay.js";
import { latencyPlots, summarizeLatency, type LatencySummary, type Percentiles } from "../library/latencySummary.js";
import { readRecording } from "../library/recording.js";
import { textsDigest } from "../library/textsDigest.js";
import { addBenchOptions, runBench, type BenchOptions } from "./benchRun.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { decimalOption, integerOption } from "../../src/cli/numberOption.js";
import { withProgress } from "../../src/cli/progress.js";

interface BenchLatencyOptions extends BenchOptions {
  readonly recording: string;
  readonly keystrokes?: number;
  readonly pace: number;
  readonly debounce?: number;
  readonly tokens: number;
}

/** `npm run bench -- latency`: how soon text comes while somebody types. */
export function addBenchLatency(bench: Command, invoke: Invoke): void {
  const pace = decimalOption({ min: 0, max: 1000, isMinAllowed: false });
  const command = bench
    .command("latency")
    .description("type a recording at its own pace and time the suggestions")
    .requiredOption("--recording <file>", "recorded keystrokes, as in bench/recordings")
    .addOption(new Option("--keystrokes <n>", "only the first so many").argParser(integerOption(1, 1_000_000)))
    .addOption(new Option("--pace <factor>", "times as fast as recorded").argParser(pace).default(1))
    .addOption(
      new Option("--debounce <ms>", "quiet time before the engine is asked; default: the extension's own").argParser(integerOption(0, 10_000)),
    )
    .addOption(new Option("--tokens <n>", "longest suggestion").argParser(integerOption(1, 1024)).default(64));
  addBenchOptions(command).action((options: BenchLatencyOptions) => invoke((invocation) => benchLatency(invocation, options)));
}

async function benchLatency(invocation: Invocation, options: BenchLatencyOptions): Promise<number> {
  const { pace, debounce: debounceMs, tokens: maxTokens } = options;
  const { start, edits: all, name, origin } = await readRecording(options.recording);
  const edits = all.slice(0, options.keystrokes);
  const recordingSha256 = textsDigest([start, JSON.stringify(all)]);
  const choices = { pace, debounceMs: debounceMs ?? "adaptive", maxTokens, recordingSha256 };
  const settings = { recording: name, origin, keystrokes: edits.length, ...choices };
  const plan = { name: "latency", identity: choices, settings };
  return runBench<KeystrokeResult>(invocation, options, plan, async ({ engine, signal, store }) => {
    const from = Math.min(edits.length, store.results.length);
    await withProgress(invocation.output, "latency", edits.length, async (advance) => {
      for (let done = 0; done < from; done += 1) advance();
      const onKeystroke = async (result: KeystrokeResult): Promise<void> => {
        await store.add(result);
        advance();
      };
      const replay = { from, pace, debounceMs, maxTokens, signal, onKeystroke };
      if (from < edits.length) await replayKeystrokes(engine, { name, origin, start, edits }, replay);
    });
    if (signal.aborted) return undefined;
    const results = store.results.slice(0, edits.length);
    const summary = summarizeLatency(results);
    const { residentBytes } = await engine.usage();
    return { results: { ...summary, residentBytes }, lines: readout(summary, residentBytes), plots: latencyPlots(results) };
  });
}

function readout(summary: LatencySummary, residentBytes: number): string[] {
  const { keystrokes, shares, firstTextMs, passesPerKeystroke, wastedPasses, engineCpuSeconds, clientCpuSeconds, lagMs } = summary;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const times = ({ p50, p90, p99 }: Percentiles): string => `p50 ${p50.toFixed(1)}, p90 ${p90.toFixed(1)}, p99 ${p99.toFixed(1)} ms`;
  const work = `${passesPerKeystroke.toFixed(1)} passes a keystroke, ${percent(wastedPasses)} of them wasted`;
  const cpu = `${engineCpuSeconds.toFixed(1)} CPU seconds in the engine and ${clientCpuSeconds.toFixed(1)} in the client per 1,000 keystrokes`;
  return [
    `first text: ${firstTextMs === undefined ? "none came in time" : times(firstTextMs)} (${keystrokes} keystrokes)`,
    `served from the last suggestion ${percent(shares.cached)}, by the engine ${percent(shares.answered)}`,
    `too late ${percent(shares.late)}, nothing to say ${percent(shares.empty)}`,
    `${work}; ${cpu}`,
    `engine ${Math.round(residentBytes / 1e6)} MB; the replay was behind its time by ${times(lagMs)}`,
  ];
}
