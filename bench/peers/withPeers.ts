import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Interrupted } from "../../src/cli/interrupted.js";
import type { Invocation } from "../../src/cli/invocation.js";
import { cacheFolder, thisMachine } from "../../src/models/machine.js";
import { installedLlama } from "./llamaPackage.js";
import type { PeerKind } from "./peerModel.js";
import { PeerProcess } from "./peerProcess.js";

/** Which engines run what, and how. */
export interface PeersSetting {
  readonly kinds: readonly PeerKind[];
  readonly gguf: string;
  readonly threads: number;
  readonly contextTokens: number;
}

export type Peers = Readonly<Partial<Record<PeerKind, PeerProcess>>>;

/** Between turns: threads that wait for more work by spinning have given up by then. */
export const REST_MS = 300;

/** How long a call has, after Ctrl-C, to come to its end. */
const INTERRUPT_GRACE_MS = 1500;

/** Threads of a pass: those asked for, or as many as the machine has. */
export function threadsOf({ globals }: Invocation): number {
  return globals.threads === 0 ? os.availableParallelism() : globals.threads;
}

/**
 * Starts the engines, lends them to `use`, and ends their processes whatever happens.
 *
 * @throws Interrupted when `use` has not ended soon after Ctrl-C; LacunaError where an engine does not start; whatever `use` throws
 */
export async function withPeers<T>(
  { environment, globals, output }: Invocation,
  { kinds, gguf, threads, contextTokens }: PeersSetting,
  use: (peers: Peers, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const isAsked = kinds.includes("llama.cpp");
  const cache = cacheFolder(thisMachine(environment.variables));
  const packageFolder = isAsked ? await installedLlama(cache, (sentence) => output.note(sentence)) : "";
  const models: Record<PeerKind, string> = { lacuna: path.resolve(globals.models), "llama.cpp": path.resolve(gguf) };
  const controller = new AbortController();
  const stopListening = environment.onInterrupt(() => controller.abort());
  const interrupted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener(
      "abort",
      () => void delay(INTERRUPT_GRACE_MS, undefined, { ref: false }).then(() => reject(new Interrupted())),
    );
  });
  interrupted.catch(() => {});
  const started: PeerProcess[] = [];
  const work = async (): Promise<T> => {
    const peers: Partial<Record<PeerKind, PeerProcess>> = {};
    for (const kind of kinds) {
      const peer = new PeerProcess(kind);
      started.push(peer);
      await peer.load({ kind, model: models[kind], packageFolder, threads, contextTokens });
      peers[kind] = peer;
    }
    return use(peers, controller.signal);
  };
  const working = work();
  working.catch(() => {});
  try {
    return await Promise.race([working, interrupted]);
  } finally {
    stopListening();
    for (const peer of started) peer.stop();
  }
}
