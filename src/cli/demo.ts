import path from "node:path";
import { devicesOf } from "../protocol/devicesOf.js";
import type { Command } from "commander";
import type { CompleteResult, InfillResult, LoadResult } from "../protocol/messages.js";
import { showAfter, showBefore } from "./codeView.js";
import { completeReadout, showCompletion } from "./complete.js";
import { DEMO_COMPLETION, DEMO_COMPLETION_TOKENS, DEMO_FILE, DEMO_HOLE, demoRaceRounds, DEMO_RACE_TOKENS } from "./demoCourse.js";
import { readDocument } from "./document.js";
import { holeOf, type Hole } from "./hole.js";
import { infillReadout } from "./infill.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import type { Output } from "./output.js";
import { offsetAt } from "./position.js";
import { showRace } from "./race.js";
import { raceOn } from "./raceOn.js";
import { raceReport, type RaceReport } from "../measure/raceReport.js";
import { withModels, type Session } from "./session.js";

/** What every scene of the demo plays with. */
interface Stage extends Session {
  readonly output: Output;
  /** The example file. */
  readonly text: string;
}

/** `lacuna demo`: fills a hole, continues a text and races, on an example file. It says what the run shows, whatever that is. */
export function addDemo(program: Command, invoke: Invoke): void {
  program
    .command("demo")
    .description("show what Lacuna does, on an example file")
    .action(() => invoke(demo));
}

async function demo(invocation: Invocation): Promise<number> {
  const { environment, output } = invocation;
  const text = await readDocument(path.join(environment.distDir, "..", DEMO_FILE), environment.stdin);
  return withModels(invocation, async ({ engine, signal, loaded }) => {
    const stage = { engine, signal, output, text };
    output.line(`On this machine ${describe(loaded)}.`);
    const infill = await playInfill(stage, loaded);
    const completion = signal.aborted ? undefined : await playCompletion(stage);
    const race = signal.aborted || completion === undefined ? undefined : await playRace(stage, demoRaceRounds(completion.tokensPerSecond));
    output.document({ infill, completion, race });
    return signal.aborted ? INTERRUPTED_EXIT_CODE : 0;
  });
}

function describe({ models, threads }: LoadResult): string {
  const list = models.map(({ name, role, parameters }) => `${name} (${role}, ${(parameters / 1e6).toFixed(1)} M parameters)`).join(" and ");
  const where = `${devicesOf(models)}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return `(${where}): ${list}`;
}

async function playInfill({ engine, signal, output, text }: Stage, { models }: LoadResult): Promise<InfillResult> {
  const { from, to } = DEMO_HOLE;
  const title = output.colors.bold("Infill");
  const who = models.length > 1 ? "the models fill" : "the verifier fills";
  const what = from.line === to.line ? `line ${from.line} of ${DEMO_FILE} is` : `lines ${from.line} to ${to.line} of ${DEMO_FILE} are`;
  output.line(`\n${title}: ${what} cut out, and ${who} the hole.\n`);
  showBefore(output, text, from);
  const params = { ...holeOf(text, from, to, DEMO_FILE), method: "auto", maxTokens: 64, temperature: 0, topP: 1, seed: 0 } as const;
  const result = await engine.infill(params, { signal, onText: (piece) => output.block(piece) });
  showAfter(output, text, to);
  output.line(infillReadout(result));
  const original = text.slice(offsetAt(text, from), offsetAt(text, to));
  if (result.middle.trim() === original.trim()) output.line("These are the original lines.");
  else output.line(`The original lines:\n${output.colors.dim(" ".repeat(from.column - 1) + original)}`);
  return result;
}

async function playCompletion({ engine, signal, output, text }: Stage): Promise<CompleteResult> {
  const title = output.colors.bold("Complete");
  const { from, to } = DEMO_COMPLETION;
  const how = `line ${from.line} is cut out, and the text goes on there`;
  output.line(`\n${title}: ${how}; each colour is a block that one pass of the verifier accepted.\n`);
  showBefore(output, text, from);
  const rule = { decoder: "deer", block: "auto", maxTokens: DEMO_COMPLETION_TOKENS, temperature: 0, topP: 1, seed: 0 } as const;
  const { result, firstTextMs } = await showCompletion({ engine, signal }, { ...completionHole(text), ...rule }, output);
  showAfter(output, text, to);
  output.line(completeReadout(result, firstTextMs));
  return result;
}

/** @returns undefined after Ctrl-C */
async function playRace({ engine, signal, output, text }: Stage, rounds: number): Promise<RaceReport | undefined> {
  const title = output.colors.bold("Race");
  const times = rounds === 1 ? "once" : `${rounds} times`;
  output.line(`\n${title}: the same prompt ${times} with drafts and ${times} one token a pass, in turn.`);
  await engine.calibrate();
  const course = { hole: completionHole(text), maxTokens: DEMO_RACE_TOKENS, rounds };
  const runs = await raceOn({ engine, signal }, course, output);
  if (runs === undefined) return undefined;
  const report = raceReport(runs);
  showRace(report, output);
  return report;
}

function completionHole(text: string): Hole {
  return holeOf(text, DEMO_COMPLETION.from, DEMO_COMPLETION.to, DEMO_FILE);
}
