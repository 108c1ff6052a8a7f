import { EngineClient } from "../client/engineClient.js";
import type { CommandProgress } from "../protocol/commandProgress.js";
import type { Environment } from "./environment.js";
import { INTERRUPTED_EXIT_CODE } from "./interrupted.js";
import { systemFailure } from "./systemFailure.js";

/** What a command line run as a process of its own touches. @param distDir folder of the built program; @param command how it is started */
export function processEnvironment(distDir: string, command: string): Environment {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader such as `head` may leave before everything is written: that is its right, not a failure.
    if (error.code === "EPIPE") process.exit(0);
    const { message, remedy } = systemFailure(error, "The output") ?? { message: error.message, remedy: "Send the output somewhere else." };
    process.stderr.write(`${message}\n${remedy}\n`);
    process.exit(1);
  });
  // What cannot be said here can be said nowhere.
  process.stderr.on("error", () => {});
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    command,
    variables: process.env,
    distDir,
    startEngine: (options) => EngineClient.start(options),
    onProgress: process.send === undefined ? undefined : progressTo((message) => process.send?.(message, () => {})),
    onInterrupt,
    interruptedExitCode: () => interruptedExitCode,
  };
}

/** What ends a command, and the exit code by which whoever started it knows: 128 and the signal's number. */
const END_SIGNALS = { SIGINT: INTERRUPTED_EXIT_CODE, SIGTERM: 143, SIGHUP: 129 } as const;

/** By the last signal that came. */
let interruptedExitCode: number = INTERRUPTED_EXIT_CODE;

/**
 * Ctrl-C, a request to end, a terminal that was closed, or that whoever started this process with a channel has closed it or is gone: an
 * editor asks for an end in this way, because there are no signals on Windows that can be answered.
 */
function onInterrupt(listener: () => void): () => void {
  const stops = Object.entries(END_SIGNALS).map(([signal, exitCode]) => {
    const onSignal = (): void => {
      interruptedExitCode = exitCode;
      listener();
    };
    process.on(signal, onSignal);
    return () => void process.off(signal, onSignal);
  });
  if (process.send !== undefined) {
    if (!process.connected) setImmediate(listener);
    process.on("disconnect", listener);
    stops.push(() => void process.off("disconnect", listener));
  }
  return () => stops.forEach((stop) => stop());
}

const PROGRESS_EVERY_MS = 100;

/** Sends how far a command is: each new stage, and the latest of a stage ten times a second. */
function progressTo(send: (progress: CommandProgress) => void): (progress: CommandProgress) => void {
  let [sent, sentAtMs] = ["", -Infinity];
  return (progress) => {
    const now = performance.now();
    if (progress.stage === sent && now - sentAtMs < PROGRESS_EVERY_MS) return;
    [sent, sentAtMs] = [progress.stage, now];
    send(progress);
  };
}
