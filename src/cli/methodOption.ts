import { InvalidArgumentError } from "commander";
import type { InfillParams } from "../protocol/messages.js";
import { integerOption } from "./numberOption.js";

/** A method as it is written on the command line: a name, or a name and a length, as in `fixed:12`. */
export interface MethodChoice {
  readonly method: InfillParams["method"];
  readonly length?: number;
}

export const METHOD_NAMES = "auto, ar, lr, cal, block, dreamon, dreamon:N or fixed:N";

/** @throws InvalidArgumentError for an unknown name, and for a length where there is none or none where it is needed */
export function parseMethod(argument: string): MethodChoice {
  const [name, length, ...rest] = argument.split(":");
  const isKnown = rest.length === 0 && ["auto", "ar", "lr", "cal", "block", "dreamon", "fixed"].includes(name);
  const takesLength = name === "dreamon" || name === "fixed";
  if (!isKnown || (length !== undefined && !takesLength) || (length === undefined && name === "fixed")) {
    throw new InvalidArgumentError(`It must be ${METHOD_NAMES}.`);
  }
  const method = name as MethodChoice["method"];
  return length === undefined ? { method } : { method, length: integerOption(1, 1024)(length) };
}
