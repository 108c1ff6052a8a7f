import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { CommandProgress } from "../protocol/commandProgress.js";
import { LacunaError, type ErrorDetail } from "../protocol/errors.js";
import { childEnvironment } from "./childEnvironment.js";
import { lastWords } from "./lastWords.js";
import { yieldToEditor } from "./yieldToEditor.js";

/** How long a command that is to end may take to remove what it has begun. */
const END_GRACE_MS = 15_000;
const STDERR_TAIL_CHARACTERS = 8000;
const INTERRUPTED_EXIT_CODE = 130;

export interface CommandLineOptions {
  /** Beside the process's own environment. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Aborted: the command ends, and leaves nothing half-done but what a later one goes on with. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CommandProgress) => void) | undefined;
  /** Receives what the command tells people, line by line. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/**
 * Runs a command of the command line that comes with the extension, as a process of low priority: what takes long does not hold up the
 * editor, and ends with it, because the channel between the two closes when either is gone.
 *
 * @param cliPath the command line's bundle, dist/cli.js
 * @param args without `--json`
 * @returns the document that it prints; undefined when it was interrupted
 * @throws LacunaError what the command fails with; `engineUnavailable` when it cannot be started, `commandDied` when it ends without a word
 */
export async function runCommandLine<T>(cliPath: string, args: readonly string[], options: CommandLineOptions = {}): Promise<T | undefined> {
  const { variables = {}, signal, onProgress, onLog } = options;
  if (!existsSync(cliPath)) throw cannotStart(cliPath);
  const isAborted = (): boolean => signal?.aborted === true;
  if (isAborted()) return undefined;
  const env = { ...childEnvironment(), NO_COLOR: "1", ...variables };
  const child = fork(cliPath, [...args, "--json"], { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [], env });
  if (child.pid !== undefined) yieldToEditor(child.pid, onLog);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL_CHARACTERS);
    for (const line of text.split("\n")) if (line.trim() !== "") onLog?.(line);
  });
  child.on("message", (message) => onProgress?.(message as CommandProgress));
  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (child.connected) child.disconnect();
    kill = setTimeout(() => child.kill("SIGKILL"), END_GRACE_MS);
  };
  signal?.addEventListener("abort", end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", (cause) => reject(cannotStart(cliPath, cause)));
      child.once("exit", resolve);
    });
    // Not the child's own event of that name: it never comes once the channel was closed from here.
    if (child.stdout?.closed === false) await once(child.stdout, "close");
    if (code === INTERRUPTED_EXIT_CODE || (isAborted() && code !== 0)) return undefined;
    return documentOf<T>(stdout, code, stderr);
  } finally {
    clearTimeout(kill);
    signal?.removeEventListener("abort", end);
  }
}

function documentOf<T>(stdout: string, code: number | null, stderr: string): T {
  const document = parsed(stdout.trimEnd().split("\n").at(-1) ?? "");
  const failure = (document as { error?: ErrorDetail & { message: string } } | undefined)?.error;
  if (failure !== undefined) throw new LacunaError(failure.code, failure.message, failure.remedy);
  if (code === 0 && document !== undefined) return document as T;
  const said = lastWords(stderr);
  throw new LacunaError("commandDied", `Lacuna's command line ended unexpectedly.${said === "" ? "" : ` It last wrote: ${said}`}`, "Try again.");
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function cannotStart(cliPath: string, cause?: unknown): LacunaError {
  return new LacunaError("engineUnavailable", `Lacuna's command line cannot be started from ${cliPath}.`, "Build or install Lacuna again.", cause);
}
