import { Option, type Command } from "commander";
import { MAX_TOKENS } from "../engine/checkParams.js";
import { decimalOption, integerOption } from "./numberOption.js";
import { parsePosition, type Position } from "./position.js";

/** What `infill` and `complete` have in common. */
export interface SampleOptions {
  readonly at: Position;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** `--at L:C`. */
export function positionOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parsePosition);
}

/** `--max-tokens N`, from 1 to what the engine allows; default 128. */
export function maxTokensOption(): Option {
  return new Option("--max-tokens <n>", "maximum length in tokens").argParser(integerOption(1, MAX_TOKENS)).default(128);
}

/** Adds the options of `SampleOptions`. Temperature 0 always takes the likeliest token; top-p 1 is off. */
export function addSampleOptions(command: Command, defaults: { readonly temperature: number; readonly topP: number }): Command {
  const temperature = decimalOption({ min: 0, max: 5, isMinAllowed: true });
  const topP = decimalOption({ min: 0, max: 1, isMinAllowed: false });
  return command
    .addOption(positionOption("--at <line:column>", "where the text goes, as in VS Code").makeOptionMandatory())
    .addOption(maxTokensOption())
    .addOption(new Option("--temperature <t>", "0 always takes the likeliest token").argParser(temperature).default(defaults.temperature))
    .addOption(new Option("--top-p <p>", "share of the probability to sample from; 1 is off").argParser(topP).default(defaults.topP))
    .addOption(new Option("--seed <n>", "seed for sampling").argParser(integerOption(0, 2 ** 32 - 1)).default(0));
}
