import { Option, type Command } from "commander";
import { raceReport, type RaceReport } from "../measure/raceReport.js";
import { raceWords } from "../measure/raceWords.js";
import { readHole } from "./hole.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { integerOption } from "./numberOption.js";
import type { Output } from "./output.js";
import type { Position } from "./position.js";
import { raceOn } from "./raceOn.js";
import { maxTokensOption, positionOption } from "./sampleOptions.js";
import { withModels } from "./session.js";

interface RaceOptions {
  readonly at: Position;
  readonly maxTokens: number;
  readonly rounds: number;
}

/** `lacuna race FILE --at L:C`: measures decoding with drafts against decoding one token a pass, on the same prompt. */
export function addRace(program: Command, invoke: Invoke): void {
  program
    .command("race")
    .description("measure decoding with drafts (DEER) against decoding one token a pass (AR)")
    .argument("<file>", "the document, or - for standard input")
    .addOption(positionOption("--at <line:column>", "where both continue the text").makeOptionMandatory())
    .addOption(maxTokensOption())
    .addOption(new Option("--rounds <n>", "how many times each is timed").argParser(integerOption(1, 100)).default(5))
    .action((file: string, options: RaceOptions) => invoke((invocation) => race(invocation, file, options)));
}

async function race(invocation: Invocation, file: string, { at, maxTokens, rounds }: RaceOptions): Promise<number> {
  const { environment, output } = invocation;
  const hole = await readHole(environment, file, at);
  return withModels(invocation, async (session) => {
    // Drafts are as long as pays on this machine: it is measured before, and not while they are timed.
    await session.engine.calibrate();
    const runs = await raceOn(session, { hole, maxTokens, rounds }, output);
    if (runs === undefined) {
      output.document({ outcome: "cancelled" });
      return INTERRUPTED_EXIT_CODE;
    }
    const report = raceReport(runs);
    output.document({ outcome: "done", ...report });
    showRace(report, output);
    return 0;
  });
}

/** Shows people what a race said. */
export function showRace(report: RaceReport, output: Output): void {
  const { headline, details } = raceWords(report);
  output.line(`${output.colors.bold(headline)}`);
  for (const detail of details) output.line(`  ${detail}`);
}
