import type { Environment } from "./environment.js";
import { reportFailure } from "./failure.js";
import { Output } from "./output.js";
import { createProgram, LACUNA } from "./program.js";

/**
 * Runs one command line.
 *
 * @param args without the names of node and the script
 * @param commandLine default `lacuna`
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted
 */
export async function runLacuna(args: readonly string[], environment: Environment, commandLine = LACUNA): Promise<number> {
  let exitCode = 0;
  try {
    await createProgram(commandLine, environment, args, (code) => (exitCode = code)).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return reportFailure(error, new Output(environment, args.includes("--json")), environment.command);
  }
}
