import { CommanderError } from "commander";
import { LacunaError } from "../protocol/errors.js";
import { withCommandName } from "./commandName.js";
import { INTERRUPTED_EXIT_CODE, Interrupted } from "./interrupted.js";
import type { Output } from "./output.js";
import { systemFailure } from "./systemFailure.js";

/**
 * Tells how a command failed: a sentence and a remedy on stderr, with `--json` also `{"error":{code,message,remedy}}`.
 *
 * @param command how the reader starts this program
 * @returns the exit code: 0 for a request for help, 1 failed, 2 wrong usage, 130 interrupted
 */
export function reportFailure(error: unknown, output: Output, command: string): number {
  if (error instanceof CommanderError) {
    // Commander has written its message, or the help that was asked for.
    if (error.exitCode === 0) return 0;
    const message = error.code === "commander.help" ? "No command was named." : error.message.replace(/^error: /, "");
    output.document(failure("usage", message, `Run \`${command} --help\`.`));
    return 2;
  }
  if (error instanceof Interrupted) {
    output.close();
    output.document(failure("interrupted", error.message, "Run the command again."));
    return INTERRUPTED_EXIT_CODE;
  }
  const { code, message, remedy: anywhere } = error instanceof LacunaError ? error : unexpected(error);
  const remedy = withCommandName(anywhere, command);
  output.failure(message, remedy);
  output.document(failure(code, message, remedy));
  return 1;
}

function failure(code: string, message: string, remedy: string): object {
  return { error: { code, message, remedy } };
}

function unexpected(error: unknown): { code: string; message: string; remedy: string } {
  const refused = systemFailure(error);
  if (refused !== undefined) return { code: "fileSystem", ...refused };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "unexpected", message, remedy: "This is a fault in Lacuna: please report it with the lines above." };
}
