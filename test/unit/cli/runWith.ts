import { PassThrough, Readable } from "node:stream";
import type { CommandLine } from "../../../src/cli/program.js";
import { runLacuna } from "../../../src/cli/runLacuna.js";
import { scriptedEngine, type Script } from "./scriptedEngine.js";

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly script: Script;
}

export interface RunOptions {
  /** Default: `lacuna`. */
  readonly commandLine?: CommandLine;
  /** How the program is started; default: `lacuna`. */
  readonly command?: string;
  readonly stdin?: Uint8Array;
  readonly script?: Partial<Script>;
  readonly isTerminal?: boolean;
  readonly distDir?: string;
  readonly variables?: Record<string, string>;
  /** Presses Ctrl-C this often, the first time 20 ms after the engine was asked for, then every 20 ms. */
  readonly interrupts?: number;
}

/** Runs a command line in this process, on a scripted engine. */
export async function runWith(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const script: Script = { requests: [], disposals: 0, pieces: ["one", " two"], ...options.script };
  const [stdout, stderr] = [capture(options.isTerminal), capture(options.isTerminal)];
  const exitCode = await runLacuna(
    args,
    {
      command: options.command ?? "lacuna",
      stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      variables: options.variables ?? {},
      distDir: options.distDir ?? "/nowhere/dist",
      startEngine: async () => scriptedEngine(script),
      onInterrupt: (listener) => {
        const timers = Array.from({ length: options.interrupts ?? 0 }, (_, index) => setTimeout(listener, 20 * (index + 1)));
        return () => timers.forEach(clearTimeout);
      },
      interruptedExitCode: () => 130,
    },
    options.commandLine,
  );
  return { exitCode, stdout: stdout.text(), stderr: stderr.text(), script };
}

function capture(isTTY = false): { stream: PassThrough & { isTTY: boolean }; text: () => string } {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY });
  stream.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  return { stream, text: () => chunks.join("") + String(stream.read() ?? "") };
}
