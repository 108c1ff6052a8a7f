import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SANDBOX_GUARD } from "./sandboxGuard.js";

export interface SandboxLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly fileBytes: number;
  readonly outputBytes: number;
}

/** Three seconds, as the HumanEval-Infilling harness gives; the rest is more than any of its programs needs. */
export const DEFAULT_LIMITS: SandboxLimits = { timeoutMs: 3000, memoryBytes: 1 << 30, fileBytes: 1 << 20, outputBytes: 1 << 20 };

export type SandboxOutcome = "passed" | "failed" | "timeout" | "tooMuchOutput";

/** Runs Python programs nobody has read: bounded in time, memory, output and files, without network or other processes. */
export class Sandbox {
  readonly #python: string;
  readonly #limits: SandboxLimits;

  constructor(python = "python3", limits: SandboxLimits = DEFAULT_LIMITS) {
    this.#python = python;
    this.#limits = limits;
  }

  /** Runs `program` to its end in an empty directory, which is deleted afterwards. @throws Error when Python itself does not start */
  async run(program: string): Promise<SandboxOutcome> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "lacuna-sandbox-"));
    try {
      return await this.#runIn(directory, program);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #runIn(directory: string, program: string): Promise<SandboxOutcome> {
    const { timeoutMs, memoryBytes, fileBytes, outputBytes } = this.#limits;
    const proof = randomUUID();
    const limits = [Math.ceil(timeoutMs / 1000) + 1, memoryBytes, fileBytes, proof].map(String);
    // A group of its own, so that nothing it may have started outlives it.
    const child = spawn(this.#python, ["-I", "-S", "-c", SANDBOX_GUARD, ...limits], {
      cwd: directory,
      env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8" },
      detached: process.platform !== "win32",
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new Promise((resolve, reject) => {
      let early: SandboxOutcome | undefined;
      let received = 0;
      let end = "";
      const stop = (outcome: SandboxOutcome): void => {
        early ??= outcome;
        killGroup(child.pid);
      };
      const timer = setTimeout(() => stop("timeout"), timeoutMs);
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          received += chunk.length;
          if (stream === child.stdout) end = (end + chunk.toString("latin1")).slice(-proof.length);
          if (received > outputBytes) stop("tooMuchOutput");
        });
      }
      child.once("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      child.once("close", (code) => {
        clearTimeout(timer);
        killGroup(child.pid);
        resolve(early ?? (code === 0 && end === proof ? "passed" : "failed"));
      });
      child.stdin.on("error", () => {}); // it may end before it has read everything
      child.stdin.end(program);
    });
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
