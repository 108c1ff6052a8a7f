import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import type { EngineClient } from "../../../src/client/engineClient.js";
import { joinEngine } from "../../../src/client/joinEngine.js";
import { bundledModels } from "../../models/bundledModels.js";
import { enginePath, exampleHole } from "../engineFixture.js";
import type { Ask, Asked, WindowOptions } from "./windowMessages.js";

/** A folder of a test's own where windows meet. */
export class MeetingPlace {
  readonly #root = mkdtempSync(path.join(os.tmpdir(), "lm-"));
  readonly variables: NodeJS.ProcessEnv;
  /** Where the sockets are. */
  readonly folder: string;
  readonly #windows: WindowProcess[] = [];
  readonly #clients: EngineClient[] = [];
  readonly #bundle: string;

  constructor() {
    const runtime = path.join(this.#root, "run");
    mkdirSync(runtime, { mode: 0o700 });
    this.folder = path.join(runtime, "lacuna");
    this.variables = { ...process.env, XDG_RUNTIME_DIR: runtime };
    this.#bundle = path.join(this.#root, "window.js");
    const entry = path.join(import.meta.dirname, "windowProcess.ts");
    buildSync({ entryPoints: [entry], outfile: this.#bundle, bundle: true, platform: "node", target: "node20", format: "cjs" });
  }

  /** Opens a window. @param options that differ from the usual ones */
  open(options: Partial<WindowOptions> = {}): WindowProcess {
    const all: WindowOptions = { enginePath, modelsDir: bundledModels, threads: 1, ...options };
    const window = new WindowProcess(fork(this.#bundle, [JSON.stringify(all)], { env: this.variables, execArgv: [], stdio: "inherit" }));
    this.#windows.push(window);
    return window;
  }

  /** Connects to the engine that shares these windows' folder, from this process. */
  async join(): Promise<EngineClient> {
    const before = process.env.XDG_RUNTIME_DIR;
    process.env.XDG_RUNTIME_DIR = this.variables.XDG_RUNTIME_DIR;
    // It is read before anything is waited for.
    const joining = joinEngine({ enginePath, configuration: "a test's", onLog: () => {} });
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = before;
    const client = await joining;
    this.#clients.push(client);
    return client;
  }

  /** Process ids of the engines that windows met here for. */
  engines(): number[] {
    const table = execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 2 ** 26 });
    const rows = table.split("\n").filter((row) => row.includes(`engine.js shared ${this.folder} `));
    return rows.map((row) => Number.parseInt(row, 10));
  }

  /** Names of the sockets. */
  sockets(): string[] {
    return readdirSync(this.folder);
  }

  /** Waits until no engine runs. @throws Error when one does for longer */
  async isEmptyWithin(ms: number): Promise<void> {
    for (const start = performance.now(); this.engines().length > 0;) {
      if (performance.now() - start > ms) throw new Error(`engine ${this.engines().join(", ")} still runs after ${ms} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  close(): void {
    for (const window of this.#windows) window.kill();
    for (const client of this.#clients) void client.dispose();
    for (const pid of this.engines()) process.kill(pid, "SIGKILL");
    rmSync(this.#root, { recursive: true, force: true });
  }
}

const { prefix, suffix } = exampleHole();
/** Reading it takes a moment where it is not cached. */
export const SHORT = { prefix: prefix.slice(-400), suffix: suffix.slice(0, 200) };

/** A window in a process of its own. */
export class WindowProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (asked: Asked) => void>();
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => this.#waiting.get((message as Asked).id)?.(message as Asked));
  }

  /** Asks for completions. @param ask what differs from one of few tokens in a short text; never settles if the window is killed */
  ask(ask: Partial<Omit<Ask, "id">> = {}): Promise<Asked> {
    const id = (this.#lastId += 1);
    this.#child.send({ id, count: 1, maxTokens: 2, ...SHORT, ...ask } satisfies Ask);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Stops it where it is: it hears and says nothing, and keeps its sockets open. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }
}
