import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { passCurve, PASS_SIZES, type PassCurvePoint } from "../library/passCurve.js";
import { readSourceFiles } from "../library/sourceFiles.js";
import { contextOf, drawPlaces } from "../library/speedPlaces.js";
import { speedPlots } from "../library/speedPlots.js";
import { summarizeSpeed, type RacerSummary, type SpeedGroup } from "../library/speedSummary.js";
import { ONE_TOKEN, type Racer } from "../../src/measure/race.js";
import { speedTrial, type SpeedRow } from "../library/speedTrial.js";
import { textsDigest } from "../library/textsDigest.js";
import { LacunaError } from "../../src/protocol/errors.js";
import { addBenchOptions, runBench, type BenchOptions } from "./benchRun.js";
import type { Invocation, Invoke } from "../../src/cli/invocation.js";
import { listOption } from "./listOption.js";
import { decimalOption, integerOption } from "../../src/cli/numberOption.js";
import { withProgress } from "../../src/cli/progress.js";

interface BenchSpeedOptions extends BenchOptions {
  readonly prompts: string;
  readonly places: number;
  readonly decoders: readonly ("ar" | "deer")[];
  readonly blocks: readonly Racer["block"][];
  readonly drafts: readonly Drafts[];
  readonly contexts: readonly number[];
  readonly temperature: readonly number[];
  readonly tokens: number;
  readonly rounds: number;
}

type Drafts = "both" | NonNullable<Racer["drafts"]>;

/** Special tokens that give a prompt its form, and a few for what is cut from characters. */
const PROMPT_FORM_TOKENS = 8;
/** Repeats of each size in the pass-time curve. */
const CURVE_REPEATS = 15;

/** `npm run bench -- speed`: drafting against plain decoding, on many prompts, in turn. */
export function addBenchSpeed(bench: Command, invoke: Invoke): void {
  const temperature = decimalOption({ min: 0, max: 5, isMinAllowed: true });
  const decoders = new Option("--decoders <list>", "ar (one token a pass, the baseline) and deer (with drafts)");
  const blocks = new Option("--blocks <list>", "draft lengths of deer");
  const drafts = new Option("--drafts <list>", "where they come from: both, known (what the text says already), diffusion");
  const command = bench
    .command("speed")
    .description("time drafted decoding against one-token decoding at places drawn from source files")
    .requiredOption("--prompts <dir>", "folder of .py, .js or .ts files")
    .addOption(new Option("--places <n>", "prompts, drawn by the seed").argParser(integerOption(1, 100_000)).default(40))
    .addOption(decoders.argParser(listOption(parseDecoder)).default(["ar", "deer"], "ar,deer"))
    .addOption(blocks.argParser(listOption(parseBlock)).default([4, 8, 16, 32, "auto"], "4,8,16,32,auto"))
    .addOption(drafts.argParser(listOption(parseDrafts)).default(["both"], "both"))
    .addOption(new Option("--contexts <list>", "tokens around a place").argParser(listOption(integerOption(32, 32_768))).default([512], "512"))
    .addOption(new Option("--temperature <list>", "0 takes the likeliest token").argParser(listOption(temperature)).default([0], "0"))
    .addOption(new Option("--tokens <n>", "tokens to write").argParser(integerOption(16, 1024)).default(128))
    .addOption(new Option("--rounds <n>", "how often each is timed on each prompt").argParser(integerOption(1, 100)).default(3));
  addBenchOptions(command).action((options: BenchSpeedOptions) => invoke((invocation) => benchSpeed(invocation, options)));
}

function parseDecoder(name: string): "ar" | "deer" {
  if (name !== "ar" && name !== "deer") throw new InvalidArgumentError("Each must be ar or deer.");
  return name;
}

function parseBlock(argument: string): Racer["block"] {
  return argument === "auto" ? argument : integerOption(1, 64)(argument);
}

function parseDrafts(name: string): Drafts {
  if (name !== "both" && name !== "known" && name !== "diffusion") throw new InvalidArgumentError("Each must be both, known or diffusion.");
  return name;
}

/** The baseline always runs: without it there is no ratio. */
function racersOf({ decoders, blocks, drafts }: BenchSpeedOptions): Racer[] {
  const deer = { decoder: "deer" as const };
  const drafting = blocks.flatMap((block) =>
    drafts.map((from) =>
      from === "both" ? { ...deer, name: `deer:${block}`, block } : { ...deer, name: `deer:${block}:${from}`, block, drafts: from },
    ),
  );
  return [ONE_TOKEN, ...(decoders.includes("deer") ? drafting : [])];
}

async function benchSpeed(invocation: Invocation, options: BenchSpeedOptions): Promise<number> {
  const { places: count, contexts, temperature: temperatures, tokens, rounds, seed } = options;
  const racers = racersOf(options);
  const files = await readSourceFiles(options.prompts);
  const promptsSha256 = textsDigest(files.flatMap(({ file, text }) => [file, text]));
  const names = racers.map(({ name }) => name);
  const longest = Math.max(...contexts);
  const settings = { prompts: path.basename(options.prompts), promptsSha256, places: count, racers: names, contexts, temperatures, tokens, rounds };
  const identity = { promptsSha256, names, tokens, rounds, seed, count, longest };
  return runBench<SpeedRow>(invocation, options, { name: "speed", identity, settings }, async ({ engine, signal, loaded, tokenizer, store }) => {
    const contextTokens = Math.min(...loaded.models.map((model) => model.contextTokens));
    if (longest + tokens > contextTokens - PROMPT_FORM_TOKENS) {
      const sentence = `${longest} tokens around a place and ${tokens} to write do not fit: the models see ${contextTokens} tokens at a time.`;
      throw new LacunaError("benchUnusable", sentence, "Choose shorter --contexts or fewer --tokens.");
    }
    const places = drawPlaces(files, tokenizer, count, longest, seed);
    const units = places.flatMap((place, index) => {
      const key = `${index} ${place.file}:${place.offset}`;
      return contexts.flatMap((context) => temperatures.map((temperature) => ({ place, index, context, temperature, key })));
    });
    const keyOf = (place: string, context: number, temperature: number): string => `${place} ${context} ${temperature}`;
    const rowOf = (): Map<string, SpeedRow> => new Map(store.results.map((row) => [keyOf(row.place, row.context, row.temperature), row]));
    const known = rowOf();
    const trial = ({ place, index, context, temperature, key }: (typeof units)[number], runs: number): Promise<SpeedRow | undefined> => {
      const prompt = { place: key, file: place.file, context, temperature, maxTokens: tokens, seed: seed + index };
      return speedTrial(engine, racers, { ...prompt, ...contextOf(place, tokenizer, context) }, runs, signal);
    };
    await withProgress(invocation.output, "speed", units.length, async (advance) => {
      // The first passes of a process are slower than all others.
      if (units.length > 0) await trial(units[0], 1);
      for (const unit of units) {
        if (signal.aborted) return;
        if (!known.has(keyOf(unit.key, unit.context, unit.temperature))) {
          const row = await trial(unit, rounds);
          if (row !== undefined) await store.add(row);
        }
        advance();
      }
    });
    if (signal.aborted) return undefined;
    const byKey = rowOf();
    const rows = units.flatMap(({ key, context, temperature }) => byKey.get(keyOf(key, context, temperature)) ?? []);
    const groups = contexts.flatMap((context) =>
      temperatures.map((temperature) =>
        summarizeSpeed(
          racers,
          rows.filter((row) => row.context === context && row.temperature === temperature),
        ),
      ),
    );
    const curve: PassCurvePoint[] = [];
    for (const context of contexts.filter((each) => each + Math.max(...PASS_SIZES) <= contextTokens)) {
      const { times } = await engine.passTimes({ contextTokens: context, tokens: PASS_SIZES, repeats: CURVE_REPEATS });
      curve.push(...passCurve(context, times));
    }
    const textsSha256 = textsDigest(rows.flatMap(({ texts }) => names.map((name) => texts[name])));
    return { results: { groups, passCurve: curve, textsSha256 }, lines: groups.flatMap(readout), plots: speedPlots(groups, curve, racers, rows) };
  });
}

function readout(group: SpeedGroup): string[] {
  const { context, temperature, prompts, shortPrompts, referenceTokens, racers, hindsight } = group;
  const short = shortPrompts > 0 ? `, ${shortPrompts} too short to time` : "";
  const compared = temperature === 0 ? `, ${referenceTokens} tokens compared with undrafted decoding in the same passes` : "";
  const head = `${context} tokens around, temperature ${temperature}: ${prompts} prompts${short}${compared}`;
  if (hindsight === undefined) return [head, ...racers.map(racerLine)];
  const { ratio, bestOverall } = hindsight;
  const chosen = `  auto runs at ${ratio.median.toFixed(2)} of the best fixed length of each prompt; best overall ${bestOverall}`;
  return [head, ...racers.map(racerLine), chosen];
}

function racerLine({ racer, ratio, tokensPerSecond, tokensPerVerify, stages, promptsThatDiffer }: RacerSummary): string {
  if (ratio === undefined || tokensPerSecond === undefined) return `  ${racer}: nothing to time`;
  const { low, high } = ratio.interval;
  const speed = `${ratio.median.toFixed(2)}x (${low.toFixed(2)} to ${high.toFixed(2)}), ${Math.round(tokensPerSecond.median)} tokens/s while writing`;
  const { draft, verify, other } = stages;
  const time = `draft ${draft.toFixed(2)} verify ${verify.toFixed(2)} other ${other.toFixed(2)} ms a token`;
  const work = `${tokensPerVerify.toFixed(2)} tokens a pass, ${time}`;
  const differ = promptsThatDiffer === undefined ? "" : `, another text on ${promptsThatDiffer} prompts`;
  return `  ${racer.padEnd(19)} ${speed}, ${work}${differ}`;
}
