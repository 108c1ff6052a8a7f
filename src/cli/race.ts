import { Option, type Command } from "commander";
import { readHole } from "./hole.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import type { Invocation, Invoke } from "./invocation.js";
import { integerOption } from "./numberOption.js";
import type { Position } from "./position.js";
import { withProgress } from "./progress.js";
import { raceReadout, raceReport, type RacerReport } from "./raceReport.js";
import { raceRequests, runRace } from "./runRace.js";
import { maxTokensOption, positionOption } from "./sampleOptions.js";
import { withModels } from "./session.js";

interface RaceOptions {
  readonly at: Position;
  readonly maxTokens: number;
  readonly rounds: number;
}

/** `lacuna race FILE --at L:C`: measures drafting and verifying against plain decoding, on the same prompt. */
export function addRace(program: Command, invoke: Invoke): void {
  program
    .command("race")
    .description("measure drafting by diffusion (DEER) against plain decoding (AR)")
    .argument("<file>", "the document, or - for standard input")
    .addOption(positionOption("--at <line:column>", "where both go on writing").makeOptionMandatory())
    .addOption(maxTokensOption())
    .addOption(new Option("--rounds <n>", "how often each is timed").argParser(integerOption(1, 100)).default(5))
    .action((file: string, options: RaceOptions) => invoke((invocation) => race(invocation, file, options)));
}

async function race(invocation: Invocation, file: string, { at, maxTokens, rounds }: RaceOptions): Promise<number> {
  const { environment, output } = invocation;
  const hole = await readHole(environment, file, at);
  return withModels(invocation, async (session) => {
    const course = { hole, maxTokens, rounds };
    const runs = await withProgress(output, "race", raceRequests(rounds), (advance) => runRace(session, course, advance));
    if (runs === undefined) {
      output.document({ outcome: "cancelled" });
      return INTERRUPTED_EXIT_CODE;
    }
    const report = raceReport(runs);
    output.document({ outcome: "done", ...report });
    output.line(racerLine("AR", report.ar));
    output.line(racerLine("DEER", report.deer));
    output.line(output.colors.bold(raceReadout(report)));
    return 0;
  });
}

function racerLine(name: string, { tokensPerSecond, range, tokens, verifies }: RacerReport): string {
  const [slowest, fastest] = range.map(Math.round);
  return `${name.padEnd(5)} ${Math.round(tokensPerSecond)} tok/s (${slowest} to ${fastest}), ${tokens} tokens in ${verifies} verifies`;
}
