import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import path from "node:path";
import { LacunaError } from "../protocol/errors.js";
import { childEnvironment } from "./childEnvironment.js";
import { lastWords } from "./lastWords.js";

/** An error and the longest stack that is printed under it. */
const STDERR_TAIL_CHARACTERS = 8000;
const STOP_TIMEOUT_MS = 2000;
const STDERR_REST_MS = 100;

/** The engine as an operating-system process: its start, its end, and what it wrote to stderr before that. */
export class EngineProcess {
  readonly child: ChildProcess;
  /** Resolves when the process is gone, with the error that pending calls fail with. */
  readonly died: Promise<LacunaError>;
  #stderrTail = "";

  /**
   * @param sharedArgs of an engine that outlives this process; default: one that does not
   * @param variables of the environment, besides this process's own
   * @throws LacunaError `engineUnavailable` when there is no file `enginePath` (here) or it cannot be run (through `died`)
   */
  constructor(enginePath: string, onLog: (line: string) => void, sharedArgs?: readonly string[], variables: NodeJS.ProcessEnv = {}) {
    if (!existsSync(enginePath)) throw cannotStart(enginePath);
    const env = { ...childEnvironment(), ...variables };
    const how = { stdio: ["ignore", "ignore", "pipe", "ipc"] as ("ignore" | "pipe" | "ipc")[], execArgv: [], env };
    const isShared = sharedArgs !== undefined;
    // Signals to the group of whoever starts it, such as Ctrl-C in a terminal, are for that one to answer: it ends when its channel does.
    const apart = { detached: true, windowsHide: true };
    // A shared engine holds no folder of a window's.
    const where = isShared ? { cwd: path.dirname(enginePath) } : {};
    this.child = fork(enginePath, [...(sharedArgs ?? [])], { ...how, ...apart, ...where });
    if (isShared) this.#letGo();
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
      for (const line of text.split("\n")) if (line.trim() !== "") onLog(line);
    });
    this.died = new Promise((resolve) => {
      this.child.once("error", (cause) => resolve(cannotStart(enginePath, cause)));
      this.child.once("exit", (code, signal) => {
        // What it wrote last may still be in the pipe, which somebody else could hold open.
        void this.#stderrEnds(STDERR_REST_MS).then(() => resolve(this.#exited(code, signal)));
      });
    });
  }

  /** Asks the process to end and makes it end if it does not. */
  async stop(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    const kill = setTimeout(() => this.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.died;
    clearTimeout(kill);
  }

  /** This process may end while the other runs. */
  #letGo(): void {
    this.child.unref();
    (this.child.stderr as Socket | null)?.unref();
  }

  async #stderrEnds(limitMs: number): Promise<void> {
    const { stderr } = this.child;
    if (stderr === null || stderr.readableEnded) return;
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, limitMs);
      stderr.once("end", () => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): LacunaError {
    const how = signal === null ? `exit code ${code}` : signal;
    const last = lastWords(this.#stderrTail);
    const said = last === "" ? "" : ` It last wrote: ${last}`;
    return new LacunaError("engineDied", `The engine process ended unexpectedly (${how}).${said}`, "Try again: a new engine is started.");
  }
}

function cannotStart(enginePath: string, cause?: unknown): LacunaError {
  return new LacunaError("engineUnavailable", `The engine cannot be started from ${enginePath}.`, "Build or install Lacuna again.", cause);
}
