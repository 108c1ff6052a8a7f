import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection } from "vscode-jsonrpc/node";
import { initializeRequest } from "../../src/protocol/messages.js";

const SAMPLE_MS = 5;
const runs = (command: string, args: readonly string[]): boolean => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const isLinux = process.platform === "linux";
/** A network of its own, without a way out, whose counters hold what was tried. Needs no rights on most systems. */
const NAMESPACE = isLinux && runs("unshare", ["-rn", "true"]) ? ["unshare", "-rn"] : [];
const CALLS = "trace=socket,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat";
const STRACE = ["strace", "-f", "-qq", "-s", "4096", "-e", CALLS];
const hasStrace = isLinux && runs("strace", [...STRACE.slice(1), "-o", "/dev/null", "true"]);

/** How the process is watched here, beside the listing of its folders. */
export const WATCHED_BY = [
  ...(isLinux ? ["open sockets"] : []),
  ...(NAMESPACE.length > 0 ? ["network counters"] : []),
  ...(hasStrace ? ["system calls"] : []),
];

/** What a process did that nobody asked of it. */
export interface Traces {
  /** Files in its home, its temporary and its current folder, which were empty. */
  readonly files: readonly string[];
  /** Sockets, but for the channel; attempts to reach an address, as the network's counters show them. */
  readonly network: readonly string[];
  /** System calls that make, change or remove a file elsewhere. */
  readonly written: readonly string[];
}

/** An engine in an empty home, temporary and current folder, and in a network of its own where that can be made. */
export class WatchedEngine {
  readonly connection: MessageConnection;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #sampling: NodeJS.Timeout;
  readonly #sockets = new Set<string>();
  #pid: number | undefined;
  #counters: readonly string[] = [];

  private constructor(enginePath: string) {
    this.#folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-watched-"));
    for (const name of ["home", "tmp", "cwd"]) mkdirSync(this.#in(name));
    const trace = hasStrace ? [...STRACE, "-o", this.#in("trace")] : [];
    const [execPath, ...execArgv] = [...NAMESPACE, ...trace, process.execPath];
    const env = { PATH: process.env.PATH, NODE_PATH: path.resolve("node_modules"), HOME: this.#in("home"), TMPDIR: this.#in("tmp") };
    this.#child = fork(enginePath, [], { cwd: this.#in("cwd"), env, execPath, execArgv, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    this.connection = createMessageConnection(new IPCMessageReader(this.#child), new IPCMessageWriter(this.#child));
    this.connection.onError(() => {});
    this.connection.listen();
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  static async start(enginePath: string): Promise<WatchedEngine> {
    const engine = new WatchedEngine(enginePath);
    engine.#pid = (await engine.connection.sendRequest(initializeRequest, { build: "source" })).pid;
    return engine;
  }

  traces(): Traces {
    this.#sample();
    const calls = existsSync(this.#in("trace")) ? readFileSync(this.#in("trace"), "utf8").split("\n") : [];
    const own = ["home", "tmp", "cwd"].map((name) => this.#in(name));
    return {
      files: own.flatMap((folder) => readdirSync(folder, { recursive: true }).map(String)),
      network: [...this.#sockets, ...this.#counters, ...calls.filter((call) => / socket\(/.test(call))],
      written: calls.filter((call) => writtenPaths(call).some((file) => !own.some((folder) => file.startsWith(folder)))),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampling);
    this.connection.dispose();
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    // The engine ends with its channel, and what traces it with the engine.
    this.#child.disconnect();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #in(name: string): string {
    return path.join(this.#folder, name);
  }

  #sample(): void {
    if (this.#pid === undefined || !isLinux) return;
    for (const socket of openSockets(this.#pid).slice(1)) this.#sockets.add(socket);
    if (NAMESPACE.length > 0) this.#counters = attempts(this.#pid);
  }
}

/** The sockets a process has open, in the order of their descriptors: the first is its channel. */
function openSockets(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .sort((a, b) => Number(a) - Number(b))
    .map((fd) => linkTarget(path.join(folder, fd)))
    .filter((target) => target.startsWith("socket:"));
}

function linkTarget(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

/** What left or could not leave the network of a process since it was made: counters of IP, TCP and UDP that are not 0. */
function attempts(pid: number): string[] {
  const rows = readFileSync(`/proc/${pid}/net/snmp`, "utf8").trim().split("\n");
  const found: string[] = [];
  for (let at = 0; at + 1 < rows.length; at += 2) {
    const [names, values] = [rows[at], rows[at + 1]].map((row) => row.split(" "));
    names.forEach((name, index) => {
      if (/^(Out|ActiveOpens)/.test(name) && Number(values[index]) > 0) found.push(`${names[0]}${name} ${values[index]}`);
    });
  }
  return found;
}

/** The files that a traced system call makes, changes or removes; devices and what the system shows of processes are none. */
function writtenPaths(call: string): string[] {
  const [, name, args] = /^\d+\s+(\w+)\((.*)/.exec(call) ?? [];
  if (name === undefined || name === "socket") return [];
  if (/^open/.test(name) && !/O_WRONLY|O_RDWR|O_CREAT/.test(args)) return [];
  const paths = [...args.matchAll(/"([^"]*)"/g)].map(([, file]) => file);
  return paths.filter((file) => file.startsWith("/") && !/^\/(dev|proc)\//.test(file));
}
