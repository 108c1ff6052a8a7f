import { readFileSync } from "node:fs";
import { median, nearestRank } from "../../src/base/median.js";
import { EngineClient } from "../../src/client/engineClient.js";
import type { CompleteParams, ConnectParams } from "../../src/protocol/messages.js";
import { complete } from "../../src/server/errand.js";
import type { Limits } from "../../src/server/patience.js";
import { TeamServer } from "../../src/server/teamServer.js";

/** On a processor that does other things too. */
export const PATIENT: Limits = { connectMs: 60_000, firstMs: 600_000, idleMs: 600_000, wholeMs: 1_200_000 };

export type Around = Omit<CompleteParams, "requestId">;

const SOURCE = readFileSync("media/demo/example.py", "utf8");
const PREFIX_UNITS = 600;
const SUFFIX_UNITS = 200;

function around(at: number, maxTokens: number): Around {
  return {
    prefix: SOURCE.slice(Math.max(0, at - PREFIX_UNITS), at),
    suffix: SOURCE.slice(at, at + SUFFIX_UNITS),
    ...{ maxTokens, maxLines: 1, temperature: 0, topP: 1, seed: 0, decoder: "arPadded", block: "auto" },
  };
}

/** Places all over the example: at the beginnings of lines, after a space, within a word. */
export function places(kind: "lineStart" | "space" | "word", count: number, maxTokens = 24): Around[] {
  const pattern = { lineStart: /\n[ ]*(?=\S)/g, space: /(?<=\S )(?=\S)/g, word: /(?<=[ (.][a-z_]{2,4})(?=[a-z_]{2})/g }[kind];
  const all = [...SOURCE.matchAll(pattern)].map(({ index, 0: { length } }) => index + length).filter((at) => at > 100);
  return Array.from({ length: count }, (_, nth) => around(all[Math.floor(((nth + 0.5) * all.length) / count)], maxTokens));
}

/** A server that is asked in this process. */
export async function connected(url: string, change: Partial<ConnectParams> = {}): Promise<TeamServer> {
  const server = new TeamServer({ url, model: "", format: "auto", ...change });
  await server.find(PATIENT);
  return server;
}

/** The text of a server at a place, and the time to its first text, in ms. */
export async function textOf(
  server: TeamServer,
  place: Around,
  signal = new AbortController().signal,
): Promise<{ text: string; firstMs: number; outcome: string }> {
  const start = performance.now();
  let firstMs: number | undefined;
  const result = await complete({ server, limits: PATIENT, signal }, { ...place, requestId: 1 }, () => (firstMs ??= performance.now() - start));
  return { text: result.text, firstMs: firstMs ?? performance.now() - start, outcome: result.outcome };
}

/** Times in words. */
export function spread(times: readonly number[]): string {
  return `p50 ${Math.round(median(times))} ms, p90 ${Math.round(nearestRank(times, 0.9))} ms`;
}

/** Started for the time of a suite. */
export async function engineWith(modelsDir: string): Promise<EngineClient> {
  const engine = await EngineClient.start({ enginePath: "dist/engine.js" });
  await engine.load({ modelsDir, threads: 2, device: "cpu" });
  return engine;
}
