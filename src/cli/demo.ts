import path from "node:path";
import type { Command } from "commander";
import { documentSlice } from "../protocol/documentSlice.js";
import type { LoadResult } from "../protocol/messages.js";
import { showAfter, showBefore } from "./codeView.js";
import { completeReadout } from "./complete.js";
import * as course from "./demoCourse.js";
import { readDocument } from "./document.js";
import { infillReadout } from "./infill.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { offsetAt } from "./position.js";
import { withProgress } from "./progress.js";
import { raceReadout, raceReport } from "./raceReport.js";
import { raceRequests, runRace } from "./runRace.js";
import { withModels } from "./session.js";

/** `lacuna demo`: infills, completes and races on an example file, with the models that are shipped. */
export function addDemo(program: Command, invoke: Invoke): void {
  program.command("demo").description("show what Lacuna does, on an example file").action(() => invoke(demo));
}

async function demo(invocation: Invocation): Promise<number> {
  const { environment, output } = invocation;
  const text = await readDocument(path.join(environment.distDir, "..", course.DEMO_FILE), environment.stdin);
  const { from, to } = course.DEMO_HOLE;
  const goOn = offsetAt(text, course.DEMO_COMPLETION);
  const { bold } = output.colors;
  return withModels(invocation, async (session) => {
    const { engine, signal, loaded } = session;
    const onText = (piece: string): void => output.block(piece);
    output.line(introduction(loaded));

    output.line(`\n${bold("Infill")}: lines ${from.line} to ${to.line} of ${course.DEMO_FILE} are cut out and written again by diffusion.\n`);
    showBefore(output, text, from);
    const hole = documentSlice(text, offsetAt(text, from), offsetAt(text, to));
    const infill = await engine.infill({ ...hole, method: "lr", maxTokens: 128, temperature: 0.2, topP: 0.9, seed: 0 }, { signal, onText });
    if (signal.aborted) return INTERRUPTED_EXIT_CODE;
    showAfter(output, text, to);
    output.line(infillReadout(infill));

    output.line(`\n${bold("Complete")}: from line ${course.DEMO_COMPLETION.line} on, drafted by diffusion; each colour is a block that the verifier accepted.\n`);
    showBefore(output, text, course.DEMO_COMPLETION);
    // The file ends at the cursor here: what follows in it would be the answer.
    const start = { prefix: text.slice(0, goOn), suffix: "" };
    const params = { decoder: "deer", block: "auto", maxTokens: course.DEMO_COMPLETION_TOKENS, temperature: 0, topP: 1, seed: 0 } as const;
    const completion = await engine.complete({ ...start, ...params }, { signal, onText });
    if (signal.aborted) return INTERRUPTED_EXIT_CODE;
    output.line();
    output.line(completeReadout(completion));

    output.line(`\n${bold("Race")}: the same prompt, ${course.DEMO_RACE_ROUNDS} times each, drafting against plain decoding.`);
    const race = { hole: start, maxTokens: course.DEMO_RACE_TOKENS, rounds: course.DEMO_RACE_ROUNDS };
    const runs = await withProgress(output, "race", raceRequests(race.rounds), (advance) => runRace(session, race, advance));
    if (runs === undefined) return INTERRUPTED_EXIT_CODE;
    const report = raceReport(runs);
    output.line(bold(raceReadout(report)));
    output.document({ infill, completion, race: report });
    return 0;
  });
}

function introduction({ models, device, threads }: LoadResult): string {
  const list = models.map(({ name, role, parameters }) => `${name} (${role}, ${(parameters / 1e6).toFixed(1)} M parameters)`).join(" and ");
  return `Two small models, trained by this project, run on this machine (${device}, ${threads} threads): ${list}.`;
}
