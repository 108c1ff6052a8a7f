import { InvalidArgumentError } from "commander";
import { plainText } from "../protocol/plainText.js";

/** Reads a folder; an empty one, as a variable that is not set gives, would be the current folder. Throws InvalidArgumentError. */
export function folderOption(argument: string): string {
  if (argument === "") throw new InvalidArgumentError("It must not be empty; for the current folder, name it as `.`.");
  return argument;
}

/** Reads a name that can be shown in one line. Throws InvalidArgumentError. */
export function nameOption(argument: string): string {
  if (argument === "" || argument !== plainText(argument)) throw new InvalidArgumentError("It must be a line of text, without control characters.");
  return argument;
}
