import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { once } from "node:events";
import type { Socket } from "node:net";
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  SocketMessageReader,
  SocketMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { connectTo, entriesOf, keyOf } from "../../src/meeting/entry.js";
import { initializeRequest } from "../../src/protocol/messages.js";
import { SHARED } from "../../src/protocol/sharedStart.js";

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
  /**
   * Sockets, but for the channel and, of a shared engine, those between processes of one machine; attempts to reach an address, as the
   * network's counters show them.
   */
  readonly network: readonly string[];
  /** Files on which it listens, below its own folder of sockets. */
  readonly listens: readonly string[];
  /** System calls that make, change or remove a file elsewhere. */
  readonly written: readonly string[];
}

/** Of several, whichever. */
const KEY = keyOf("a watched one");
/** Flag of a socket that listens, as /proc/net/unix shows it. */
const LISTENS = 0x10000;

/** An engine in an empty home, temporary and current folder, and in a network of its own where that can be made. */
export class WatchedEngine {
  connection!: MessageConnection;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #isShared: boolean;
  readonly #sampling: NodeJS.Timeout;
  readonly #sockets = new Set<string>();
  readonly #listens = new Set<string>();
  #socket: Socket | undefined;
  #pid: number | undefined;
  #counters: readonly string[] = [];

  private constructor(enginePath: string, isShared: boolean) {
    this.#folder = mkdtempSync(path.join(os.tmpdir(), "lw-"));
    this.#isShared = isShared;
    for (const name of ["home", "tmp", "cwd", "met"]) mkdirSync(this.#in(name), { mode: 0o700 });
    const trace = hasStrace ? [...STRACE, "-o", this.#in("trace")] : [];
    const [execPath, ...execArgv] = [...NAMESPACE, ...trace, process.execPath];
    const env = { PATH: process.env.PATH, NODE_PATH: path.resolve("node_modules"), HOME: this.#in("home"), TMPDIR: this.#in("tmp") };
    const args = isShared ? [SHARED, this.#in("met"), KEY] : [];
    this.#child = fork(enginePath, args, { cwd: this.#in("cwd"), env, execPath, execArgv, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** @param isShared whether it is one that windows share, used over its socket */
  static async start(enginePath: string, isShared = false): Promise<WatchedEngine> {
    const engine = new WatchedEngine(enginePath, isShared);
    engine.connection = await (isShared ? engine.#connected() : engine.#forked());
    engine.connection.onError(() => {});
    engine.connection.listen();
    engine.#pid = (await engine.connection.sendRequest(initializeRequest, { build: "source" })).pid;
    return engine;
  }

  async #forked(): Promise<MessageConnection> {
    return createMessageConnection(new IPCMessageReader(this.#child), new IPCMessageWriter(this.#child));
  }

  async #connected(): Promise<MessageConnection> {
    await once(this.#child, "message");
    const [entry] = await entriesOf(this.#in("met"), KEY);
    this.#socket = (await connectTo(this.#in("met"), entry))!;
    return createMessageConnection(new SocketMessageReader(this.#socket), new SocketMessageWriter(this.#socket));
  }

  traces(): Traces {
    this.#sample();
    const calls = existsSync(this.#in("trace")) ? readFileSync(this.#in("trace"), "utf8").split("\n") : [];
    const own = ["home", "tmp", "cwd"].map((name) => this.#in(name));
    return {
      files: own.flatMap((folder) => readdirSync(folder, { recursive: true }).map(String)),
      network: [...this.#sockets, ...this.#counters, ...calls.filter((call) => this.#isForeign(call))],
      listens: [...this.#listens],
      written: calls.filter((call) => writtenPaths(call).some((file) => ![...own, this.#in("met")].some((folder) => file.startsWith(folder)))),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampling);
    this.connection.dispose();
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    // The engine ends with its channel, or soon after the last who uses it has left, and what traces it with the engine.
    if (this.#socket === undefined) this.#child.disconnect();
    else this.#socket.destroy();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #in(name: string): string {
    return path.join(this.#folder, name);
  }

  /** Whether a call makes a socket of a kind that it should not. */
  #isForeign(call: string): boolean {
    return / socket\(/.test(call) && !(this.#isShared && / socket\(AF_UNIX,/.test(call));
  }

  #sample(): void {
    if (this.#pid === undefined || !isLinux) return;
    const sockets = openSockets(this.#pid).slice(this.#isShared ? 0 : 1);
    // One that was let in belongs to the network of who came.
    const local = this.#isShared ? [...localSockets(this.#pid), ...localSockets(process.pid)] : [];
    for (const socket of sockets) {
      const known = local.find(({ inode }) => socket === `socket:[${inode}]`);
      if (known === undefined) this.#sockets.add(socket);
      else if (known.listens) this.#listens.add(path.relative(this.#in("met"), known.file));
    }
    if (NAMESPACE.length > 0) this.#counters = attempts(this.#pid);
  }
}

interface LocalSocket {
  readonly inode: string;
  readonly listens: boolean;
  readonly file: string;
}

/** The sockets between processes of one machine that a process could have open. */
function localSockets(pid: number): LocalSocket[] {
  const [, ...rows] = readFileSync(`/proc/${pid}/net/unix`, "utf8").trim().split("\n");
  return rows.map((row) => {
    const [, , , flags, , , inode, file = ""] = row.trim().split(/\s+/);
    return { inode, file, listens: (Number.parseInt(flags, 16) & LISTENS) !== 0 };
  });
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
