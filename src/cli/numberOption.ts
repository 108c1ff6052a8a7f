import { InvalidArgumentError } from "commander";

/** Reads an integer from `min` to `max`. The parser throws InvalidArgumentError, which is wrong usage. */
export function integerOption(min: number, max: number): (argument: string) => number {
  return (argument) => {
    const value = /^\d+$/.test(argument) ? Number(argument) : NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** Reads a decimal number above `above` or, where given, from `min`, and up to `max`. */
export function decimalOption(bounds: { readonly min: number; readonly max: number; readonly isMinAllowed: boolean }): (argument: string) => number {
  const { min, max, isMinAllowed } = bounds;
  return (argument) => {
    const value = /^(\d+(\.\d*)?|\.\d+)$/.test(argument) ? Number(argument) : NaN;
    const isInside = value <= max && (isMinAllowed ? value >= min : value > min);
    const range = isMinAllowed ? `from ${min} to ${max}` : `above ${min}, at most ${max}`;
    if (!isInside) throw new InvalidArgumentError(`It must be a number ${range}.`);
    return value;
  };
}
