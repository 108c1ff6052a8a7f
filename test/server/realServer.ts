import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";

/** A server of models as a process of its own, on a port of this machine. */
export class RealServer {
  readonly url: string;
  readonly #child: ChildProcess;
  #said = "";

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.#said = (this.#said + text).slice(-4000)));
  }

  /** Starts a program and waits until it answers. @param args given the port */
  static async start(
    command: string,
    args: (port: number) => readonly string[],
    variables: Readonly<Record<string, string>>,
    limitMs: number,
  ): Promise<RealServer> {
    const port = await freePort();
    // A group of its own: what it starts ends with it.
    const child = spawn(command, args(port), { env: { ...process.env, ...variables }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const server = new RealServer(child, `http://127.0.0.1:${port}`);
    for (const start = performance.now(); performance.now() - start < limitMs; await pause(500)) {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}:\n${server.#said}`);
      if (await fetch(`${server.url}/health`).then(({ ok }) => ok, () => false)) return server; // prettier-ignore
    }
    await server.stop();
    throw new Error(`${command} did not answer within ${limitMs} ms:\n${server.#said}`);
  }

  /** The sum of a counter of its /metrics over all labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.startsWith(name) && /[{ ]/.test(line[name.length] ?? ""));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    process.kill(-this.#child.pid, "SIGTERM");
    const late = setTimeout(() => process.kill(-this.#child.pid!, "SIGKILL"), 15_000);
    await ended;
    clearTimeout(late);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
