import path from "node:path";
import { Command, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { addComplete } from "./complete.js";
import { addDemo } from "./demo.js";
import { addDevices } from "./devices.js";
import { addDoctor } from "./doctor.js";
import type { Environment } from "./environment.js";
import { addImport } from "./import.js";
import { addInfill } from "./infill.js";
import type { GlobalOptions, Invoke } from "./invocation.js";
import { addModels } from "./models.js";
import { integerOption } from "./numberOption.js";
import { Output } from "./output.js";
import { addRace } from "./race.js";
import { folderOption } from "./textOption.js";
import { visible } from "./visible.js";

const EXIT_CODES = `
Positions are LINE:COLUMN, both counted from 1, columns in UTF-16 units, as in VS Code. FILE may be - for standard input.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (143 by SIGTERM, 129 by SIGHUP).`;

/** Adds one command to a program. */
export type AddCommand = (program: Command, invoke: Invoke) => void;

/** A command line: what it is for, and its commands. */
export interface CommandLine {
  readonly description: string;
  readonly commands: readonly AddCommand[];
}

/** `lacuna`. */
export const LACUNA: CommandLine = {
  description: "Fills code in on this machine: holes of unknown length, and continuations with drafts that an autoregressive model verifies.",
  commands: [addInfill, addComplete, addRace, addDoctor, addImport, addModels, addDevices, addDemo],
};

/**
 * The program behind a command line, with the options that every command has.
 *
 * @param onExitCode receives what a command ends with
 * @throws CommanderError out of parsing, at wrong usage
 */
export function createProgram(
  { description, commands }: CommandLine,
  environment: Environment,
  args: readonly string[],
  onExitCode: (code: number) => void,
): Command {
  const program = new Command(environment.command)
    .description(description)
    .version(packageJson.version)
    .option("--json", "print one JSON document as the last line of stdout", false)
    .addOption(
      new Option("--models <dir>", "folder that holds the models").argParser(folderOption).default(path.join(environment.distDir, "..", "models")),
    )
    .addOption(new Option("--threads <n>", "threads for one forward pass; 0 lets the engine choose").argParser(integerOption(0, 256)).default(0))
    .addOption(new Option("--device <name>", "where the models run").choices(["auto", "cpu", "webgpu", "cuda", "dml", "coreml"]).default("auto"))
    .addHelpText("after", EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(`Run \`${environment.command} --help\`, or the same with a command's name before --help, to see what there is.`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      writeErr: (text) => void environment.stderr.write(visible(text)),
    });
  const invoke: Invoke = async (body, unused = []) => {
    const given = unused.find((name) => program.getOptionValueSource(name) === "cli");
    if (given !== undefined) program.error(`error: --${given} is of no use here: this command runs no models, or not those`);
    const globals = program.opts<GlobalOptions>();
    onExitCode(await body({ environment, globals, output: new Output(environment, globals.json), args }));
  };
  for (const add of commands) add(program, invoke);
  return program;
}
