import path from "node:path";
import { devicesOf } from "../protocol/devicesOf.js";
import type { Command } from "commander";
import { documentSlice, type DocumentSlice } from "../protocol/documentSlice.js";
import type { CompleteResult, InfillResult, LoadResult } from "../protocol/messages.js";
import { showAfter, showBefore } from "./codeView.js";
import { completeReadout } from "./complete.js";
import { DEMO_COMPLETION, DEMO_COMPLETION_TOKENS, DEMO_FILE, DEMO_HOLE, DEMO_RACE_ROUNDS, DEMO_RACE_TOKENS } from "./demoCourse.js";
import { readDocument } from "./document.js";
import { infillReadout } from "./infill.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import type { Output } from "./output.js";
import { offsetAt } from "./position.js";
import { withProgress } from "./progress.js";
import { raceReadout, raceReport, type RaceReport } from "./raceReport.js";
import { raceRequests, runRace } from "./runRace.js";
import { withModels, type Session } from "./session.js";

/** What every scene of the demo plays with. */
interface Stage extends Session {
  readonly output: Output;
  /** The example file. */
  readonly text: string;
}

/** `lacuna demo`: infills, completes and races on an example file, with the models that are shipped. */
export function addDemo(program: Command, invoke: Invoke): void {
  program
    .command("demo")
    .description("show what Lacuna does, on an example file")
    .action(() => invoke(demo));
}

async function demo(invocation: Invocation): Promise<number> {
  const { environment, globals, output } = invocation;
  const text = await readDocument(path.join(environment.distDir, "..", DEMO_FILE), environment.stdin);
  return withModels(invocation, async ({ engine, signal, loaded }) => {
    const stage = { engine, signal, output, text };
    const isShipped = path.resolve(globals.models) === path.join(environment.distDir, "..", "models");
    output.line(`Two small models${isShipped ? ", trained by this project," : ""} run on this machine ${describe(loaded)}.`);
    const infill = await showInfill(stage);
    const completion = signal.aborted ? undefined : await showCompletion(stage);
    const race = signal.aborted ? undefined : await showRace(stage);
    output.document({ infill, completion, race });
    return signal.aborted ? INTERRUPTED_EXIT_CODE : 0;
  });
}

function describe({ models, threads }: LoadResult): string {
  const list = models.map(({ name, role, parameters }) => `${name} (${role}, ${(parameters / 1e6).toFixed(1)} M parameters)`).join(" and ");
  const where = `${devicesOf(models)}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return `(${where}): ${list}`;
}

async function showInfill({ engine, signal, output, text }: Stage): Promise<InfillResult> {
  const { from, to } = DEMO_HOLE;
  const title = output.colors.bold("Infill");
  output.line(`\n${title}: lines ${from.line} to ${to.line} of ${DEMO_FILE} are cut out and written again by diffusion.\n`);
  showBefore(output, text, from);
  const hole = documentSlice(text, offsetAt(text, from), offsetAt(text, to));
  const params = { ...hole, method: "auto", maxTokens: 64, temperature: 0, topP: 1, seed: 0 } as const;
  const result = await engine.infill(params, { signal, onText: (piece) => output.block(piece) });
  showAfter(output, text, to);
  output.line(infillReadout(result));
  return result;
}

async function showCompletion({ engine, signal, output, text }: Stage): Promise<CompleteResult> {
  const title = output.colors.bold("Complete");
  const how = `on from line ${DEMO_COMPLETION.line}, knowing the code after it; each colour is a block that the verifier accepted at once`;
  output.line(`\n${title}: ${how}.\n`);
  showBefore(output, text, DEMO_COMPLETION);
  const hole = completionHole(text);
  const params = { ...hole, decoder: "deer", block: "auto", maxTokens: DEMO_COMPLETION_TOKENS, temperature: 0, topP: 1, seed: 0 } as const;
  const result = await engine.complete(params, { signal, onText: (piece) => output.block(piece) });
  output.line();
  output.line(completeReadout(result));
  return result;
}

/** @returns undefined after Ctrl-C */
async function showRace({ engine, signal, output, text }: Stage): Promise<RaceReport | undefined> {
  const title = output.colors.bold("Race");
  output.line(`\n${title}: the same prompt, ${DEMO_RACE_ROUNDS} times each, drafting by diffusion (DEER) against plain decoding (AR).`);
  const hole = completionHole(text);
  const course = { hole, maxTokens: DEMO_RACE_TOKENS, rounds: DEMO_RACE_ROUNDS };
  const total = raceRequests(DEMO_RACE_ROUNDS);
  const runs = await withProgress(output, "race", total, (advance) => runRace({ engine, signal }, course, advance));
  if (runs === undefined) return undefined;
  const report = raceReport(runs);
  output.line(output.colors.bold(raceReadout(report)));
  return report;
}

function completionHole(text: string): DocumentSlice {
  const offset = offsetAt(text, DEMO_COMPLETION);
  return documentSlice(text, offset, offset);
}
