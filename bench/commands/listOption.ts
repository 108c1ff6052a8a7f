import { InvalidArgumentError } from "commander";

/** Reads a list with commas, each item by `parse`. The parser throws InvalidArgumentError, for an item given twice too. */
export function listOption<T>(parse: (argument: string) => T): (argument: string) => T[] {
  return (argument) => {
    const items = argument.split(",").map((item) => parse(item.trim()));
    if (new Set(items).size < items.length) throw new InvalidArgumentError("Nothing may be in it twice.");
    return items;
  };
}
