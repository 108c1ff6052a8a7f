import type { Environment } from "./environment.js";
import { reportFailure } from "./failure.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import { Output } from "./output.js";
import { createProgram, LACUNA } from "./program.js";

/**
 * Runs one command line.
 *
 * @param args without the names of node and the script
 * @param commandLine default `lacuna`
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage; interrupted 130, at a request to end 143, when the terminal was closed 129
 */
export async function runLacuna(args: readonly string[], environment: Environment, commandLine = LACUNA): Promise<number> {
  let exitCode = 0;
  try {
    await createProgram(commandLine, environment, args, (code) => (exitCode = code)).parseAsync(args, { from: "user" });
  } catch (error) {
    exitCode = reportFailure(error, new Output(environment, args.includes("--json")), environment.command);
  }
  return exitCode === INTERRUPTED_EXIT_CODE ? environment.interruptedExitCode() : exitCode;
}
