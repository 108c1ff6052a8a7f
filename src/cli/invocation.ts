import type { Device } from "../protocol/messages.js";
import type { Environment } from "./environment.js";
import type { Output } from "./output.js";

/** Options that every command has. */
export interface GlobalOptions {
  readonly json: boolean;
  /** Folder of the models. Default: `models` beside the built program. */
  readonly models: string;
  /** Threads for one forward pass; 0 lets the engine choose. */
  readonly threads: number;
  /** Where the models run. */
  readonly device: Device | "auto";
}

/** One run of a command. */
export interface Invocation {
  readonly environment: Environment;
  readonly globals: GlobalOptions;
  readonly output: Output;
  /** The command line as it was typed, without the names of node and the script. */
  readonly args: readonly string[];
}

/** Options that say how models run. */
export const MODEL_OPTIONS = ["models", "threads", "device"] as const;

/**
 * Runs the body of a command and keeps the exit code that it returns.
 *
 * @param unused options of every command that this one has no use for: wrong usage where they are given
 */
export type Invoke = (body: (invocation: Invocation) => Promise<number>, unused?: readonly (keyof GlobalOptions)[]) => Promise<void>;
