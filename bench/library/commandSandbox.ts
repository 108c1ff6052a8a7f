import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { NODE_COMMAND_GUARD, PYTHON_COMMAND_GUARD } from "./commandGuards.js";
import type { SandboxLimits, SandboxOutcome } from "./sandbox.js";

export interface CommandResult {
  readonly outcome: SandboxOutcome;
  readonly ms: number;
  /** Whether a guard was in place in some interpreter. */
  readonly isGuarded: boolean;
  /** The end of what it wrote. */
  readonly output: string;
}

/** What is not copied: history, what others wrote (linked instead), and what runs leave behind. */
const LINKED = new Set(["node_modules", ".venv", "venv"]);
const LEFT_OUT = new Set([".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".tox", "coverage"]);
const OUTPUT_END_UNITS = 2000;

/** Runs the tests of a repository, each time in a fresh copy that is deleted afterwards, within limits. */
export class CommandSandbox {
  readonly #repository: string;
  readonly #command: string;

  /** @param command for the shell; its working directory is the copy */
  constructor(repository: string, command: string) {
    this.#repository = path.resolve(repository);
    this.#command = command;
  }

  /** @param changes files to be written into the copy, by their path in it */
  async run(changes: Readonly<Record<string, string>>, limits: SandboxLimits, signal?: AbortSignal): Promise<CommandResult> {
    const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "lacuna-holes-")));
    try {
      const [copy, guards, temporary] = ["copy", "guards", "tmp"].map((name) => path.join(folder, name));
      for (const each of [copy, guards, temporary]) await mkdir(each);
      await this.#copyTo(copy);
      for (const [file, text] of Object.entries(changes)) await writeFile(path.join(copy, file), text);
      await writeFile(path.join(guards, "sitecustomize.py"), PYTHON_COMMAND_GUARD);
      await writeFile(path.join(guards, "guard.cjs"), NODE_COMMAND_GUARD);
      return await this.#runIn(copy, guards, temporary, limits, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #copyTo(copy: string): Promise<void> {
    for (const name of await readdir(this.#repository)) {
      const source = path.join(this.#repository, name);
      if (LEFT_OUT.has(name)) continue;
      if (LINKED.has(name)) await symlink(source, path.join(copy, name), "junction");
      else await cp(source, path.join(copy, name), { recursive: true, filter: (each) => !LEFT_OUT.has(path.basename(each)) });
    }
  }

  #runIn(copy: string, guards: string, temporary: string, limits: SandboxLimits, signal?: AbortSignal): Promise<CommandResult> {
    const mark = path.join(temporary, "guarded");
    const start = performance.now();
    const child = spawn(withLimits(this.#command, limits), {
      cwd: copy,
      shell: true,
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
      env: this.#environment(copy, guards, temporary, mark),
    });
    return new Promise((resolve, reject) => {
      let early: SandboxOutcome | undefined;
      let received = 0;
      let output = "";
      const stop = (outcome: SandboxOutcome): void => {
        early ??= outcome;
        killGroup(child.pid);
      };
      const timer = setTimeout(() => stop("timeout"), limits.timeoutMs);
      const interrupt = (): void => stop("failed");
      signal?.addEventListener("abort", interrupt, { once: true });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          received += chunk.length;
          output = (output + chunk.toString("utf8")).slice(-OUTPUT_END_UNITS);
          if (received > limits.outputBytes) stop("tooMuchOutput");
        });
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", interrupt);
      };
      child.once("error", (error) => {
        end();
        reject(error);
      });
      child.once("exit", () => killGroup(child.pid));
      child.once("close", (code) => {
        end();
        const outcome = early ?? (code === 0 ? "passed" : "failed");
        resolve({ outcome, ms: performance.now() - start, isGuarded: existsSync(mark), output });
      });
    });
  }

  #environment(copy: string, guards: string, temporary: string, mark: string): NodeJS.ProcessEnv {
    const { PATH, PYTHONPATH, VIRTUAL_ENV, LANG, SystemRoot } = process.env;
    return {
      PATH, VIRTUAL_ENV, LANG, SystemRoot,
      HOME: temporary, TMPDIR: temporary, TEMP: temporary, TMP: temporary,
      PYTHONPATH: [guards, ...(PYTHONPATH === undefined ? [] : [PYTHONPATH])].join(path.delimiter),
      PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0", CI: "1", NO_UPDATE_NOTIFIER: "1",
      NODE_OPTIONS: `--require=${path.join(guards, "guard.cjs")} --max-old-space-size=1024`,
      LACUNA_GUARD_HOME: [copy, temporary].join(path.delimiter),
      LACUNA_GUARD_MARK: mark,
    }; // prettier-ignore
  }
}

/** Limits of the operating system, where its shell can set them: processor time, data, size of a file, no dumps. */
function withLimits(command: string, { timeoutMs, memoryBytes, fileBytes }: SandboxLimits): string {
  if (process.platform === "win32") return command;
  const seconds = Math.ceil(timeoutMs / 1000) + 1;
  const limits = [`-t ${seconds}`, `-d ${Math.floor(memoryBytes / 1024)}`, `-f ${Math.ceil(fileBytes / 512)}`, "-c 0"];
  return `${limits.map((limit) => `ulimit ${limit} 2>/dev/null; `).join("")}${command}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
