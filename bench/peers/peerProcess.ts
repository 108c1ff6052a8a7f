import { fork, type ChildProcess } from "node:child_process";
import path from "node:path";
import { LacunaError } from "../../src/protocol/errors.js";
import type { Peer, PeerCalls, PeerReply, Timed } from "./peerCalls.js";
import type { PeerSetting } from "./peerModel.js";

/** An engine in a process of its own. */
export class PeerProcess implements Peer {
  /** What the engine says of itself. */
  about: Readonly<Record<string, unknown>> = {};
  /** Memory of the process before it loaded anything. */
  emptyMB = 0;
  readonly #kind: string;
  readonly #child: ChildProcess;

  constructor(kind: string) {
    this.#kind = kind;
    this.#child = fork(path.join(import.meta.dirname, "peerMain.ts"), [], {
      execArgv: ["--import", "tsx"],
      // On Windows a library sees only the environment that its process began with.
      env: { ...process.env, ORT_DISABLE_TELEMETRY: "1", NODE_LLAMA_CPP_SKIP_DOWNLOAD: "true" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
    });
  }

  /** Loads its model. @throws LacunaError `benchUnusable` */
  async load(setting: PeerSetting): Promise<void> {
    const { about, emptyMB } = (await this.ask("load", setting)).value;
    this.about = about;
    this.emptyMB = emptyMB;
  }

  /** @throws LacunaError `benchUnusable` when the call fails or the process dies */
  ask<Name extends keyof PeerCalls>(name: Name, params: Parameters<PeerCalls[Name]>[0]): Promise<Timed<Awaited<ReturnType<PeerCalls[Name]>>>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off("message", answered);
        this.#child.off("exit", died);
        this.#child.off("error", failed);
      };
      const fail = (why: string): void => {
        settle();
        reject(new LacunaError("benchUnusable", `${this.#kind} failed at ${name}: ${why}`, "Its own words, if any, are above."));
      };
      const answered = (message: unknown): void => {
        const answer = message as PeerReply;
        if ("failure" in answer) return fail(answer.failure);
        settle();
        resolve(answer as Timed<Awaited<ReturnType<PeerCalls[Name]>>>);
      };
      const died = (code: number | null, signal: string | null): void => fail(`its process ended with ${signal ?? code}.`);
      const failed = (error: Error): void => fail(error.message);
      this.#child.on("message", answered);
      this.#child.on("exit", died);
      this.#child.on("error", failed);
      this.#child.send({ name, params });
    });
  }

  /** Ends the process at once. */
  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
