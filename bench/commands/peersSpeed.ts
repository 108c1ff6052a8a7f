import { setTimeout as delay } from "node:timers/promises";
import type { PeersPlan, PeersReport } from "./peersPlan.js";
import type { Peer } from "../peers/peerCalls.js";
import { measureSpeed, stepCount, type PeerTimes } from "../peers/peerSpeed.js";
import type { ProcessMemory } from "../peers/processMemory.js";
import { REST_MS, withPeers, type Peers } from "../peers/withPeers.js";
import type { Invocation } from "../../src/cli/invocation.js";
import { withProgress } from "../../src/cli/progress.js";

const PROMPT_TOKENS = 512;
const WIDTHS = [1, 2, 4, 8, 16, 32];
const WRITE_TOKENS = 64;

/** Speed and memory of each engine, measured in turns. */
export async function peersSpeed(invocation: Invocation, { options, threads }: PeersPlan): Promise<PeersReport | undefined> {
  const plan = { promptTokens: PROMPT_TOKENS, widths: WIDTHS, writeTokens: WRITE_TOKENS, rounds: options.rounds };
  const setting = { kinds: options.engines, gguf: options.gguf, threads, contextTokens: PROMPT_TOKENS + WRITE_TOKENS };
  return withPeers(invocation, setting, async (peers, signal) => {
    const loadedMemory = await memoryOf(peers);
    const times = await withProgress(invocation.output, "peers", stepCount(plan, options.engines.length), (advance) =>
      measureSpeed(peers as Record<string, Peer>, plan, signal, () => delay(REST_MS), advance),
    );
    if (times === undefined) return undefined;
    const usedMemory = await memoryOf(peers);
    const results = Object.fromEntries(
      Object.entries(peers).map(([kind, { about, emptyMB }]) => {
        const memory = { emptyMB, loaded: loadedMemory[kind], used: usedMemory[kind] };
        const tokensPerSecond = { read: rate(PROMPT_TOKENS, times[kind].read.medianMs), write: rate(WRITE_TOKENS, times[kind].write.medianMs) };
        return [kind, { about, memory, tokensPerSecond, ...times[kind] }];
      }),
    );
    const lines = Object.keys(results).map((kind) => speedLine(kind, times[kind], usedMemory[kind]));
    return { settings: { ...plan, restMs: REST_MS, contextTokens: setting.contextTokens }, results, lines };
  });
}

async function memoryOf(peers: Peers): Promise<Record<string, ProcessMemory>> {
  const memory: Record<string, ProcessMemory> = {};
  for (const [kind, peer] of Object.entries(peers)) memory[kind] = (await peer.ask("memory", {})).value;
  return memory;
}

/** Tokens a second, to a tenth. */
function rate(tokens: number, ms: number): number {
  return Math.round((tokens / ms) * 10_000) / 10;
}

function speedLine(kind: string, { read, passes, write }: PeerTimes, { residentMB, ownMB }: ProcessMemory): string {
  const widths = Object.entries(passes).map(([width, { medianMs }]) => `${width}: ${medianMs.toFixed(0)}`);
  const speeds = `reads ${rate(PROMPT_TOKENS, read.medianMs)} tokens/s, writes ${rate(WRITE_TOKENS, write.medianMs)}`;
  const memory = ownMB === undefined ? `${residentMB} MB` : `${residentMB} MB, ${ownMB} of them its own`;
  return `${kind}: ${speeds}; passes ${widths.join(", ")} ms; ${memory} (medians)`;
}
