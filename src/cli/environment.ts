import type { EngineClient, EngineClientOptions } from "../client/engineClient.js";
import type { CommandProgress } from "../protocol/commandProgress.js";

/** The engine as the commands use it. */
export type Engine = Pick<
  EngineClient,
  "identity" | "load" | "infill" | "complete" | "readAhead" | "calibrate" | "doctor" | "passTimes" | "usage" | "dispose"
>;

export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Everything outside the program that a command touches. */
export interface Environment {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** How the person at the keyboard starts this program, such as `node dist/cli.js`. */
  readonly command: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Folder of the built program: engine.js is in it, `models` and `media` are beside it. */
  readonly distDir: string;
  readonly startEngine: (options: EngineClientOptions) => Promise<Engine>;
  /** Receives how far a long command is; undefined where nobody listens but the person at the terminal. */
  readonly onProgress?: ((progress: CommandProgress) => void) | undefined;
  /**
   * Calls `listener` at every Ctrl-C, request to end or closing of the terminal, and when the program that started this one is gone, until
   * the returned function is called.
   */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** What a command ends with that was interrupted: 130, or another code by what interrupted it. */
  readonly interruptedExitCode: () => number;
}
