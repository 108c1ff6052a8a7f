import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import path from "node:path";

export const CLI_PATH = path.resolve(import.meta.dirname, "../../dist/cli.js");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** Starts the built command line as a process of its own. */
export function startCli(args: readonly string[], { detached = false } = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [CLI_PATH, ...args], { env: { ...process.env, NO_COLOR: "1" }, detached });
}

/** Runs the benchmarks' command line to its end. */
export function runBench(args: readonly string[]): Promise<CliResult> {
  const main = path.resolve(import.meta.dirname, "../../bench/main.ts");
  return ended(spawn(process.execPath, ["--import", "tsx", main, ...args], { env: { ...process.env, NO_COLOR: "1" } }), "");
}

/** Runs the built command line to its end. @param stdin what it can read; by default nothing */
export function runCli(args: readonly string[], stdin: string | Uint8Array = ""): Promise<CliResult> {
  return ended(startCli(args), stdin);
}

function ended(child: ChildProcessWithoutNullStreams, stdin: string | Uint8Array): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr, ms: performance.now() - start }));
    // A program that fails before it reads closes the pipe.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}

/** The last line of stdout, read as JSON. */
export function lastJson<T>({ stdout, stderr }: CliResult): T {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new Error(`The last line of stdout is not JSON: ${JSON.stringify(line)}; stderr: ${stderr}`);
  }
}
