import { median } from "../../src/base/median.js";
import type { Peer } from "./peerCalls.js";

/** What is timed. */
export interface SpeedPlan {
  /** Tokens of the prompt that is read, and positions before each pass. */
  readonly promptTokens: number;
  /** Tokens of a pass, all rows asked for. */
  readonly widths: readonly number[];
  /** Tokens written one a pass. */
  readonly writeTokens: number;
  readonly rounds: number;
}

/** The times of one measure with one engine, milliseconds, round after round. */
export interface RoundTimes {
  readonly bestMs: number;
  readonly medianMs: number;
  readonly roundsMs: readonly number[];
}

/** The times of one engine. `read` is of the whole prompt, `write` of all tokens, `passes` by width. */
export interface PeerTimes {
  readonly read: RoundTimes;
  readonly passes: Readonly<Record<string, RoundTimes>>;
  readonly write: RoundTimes;
}

/** Any ids of ordinary text do: a pass takes as long whatever it reads. */
export function sampleTokens(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1000 + index * 7);
}

/** How often `measureSpeed` tells that it got on. */
export function stepCount({ widths, rounds }: SpeedPlan, peers: number): number {
  return (rounds + 1) * (widths.length + 2) * peers;
}

/**
 * Times engines in turns: each measure by each engine, then the next measure; who begins changes from round to round, and the
 * first round is thrown away. Passes and writing are timed right after one untimed pass of the same kind.
 *
 * @param rest waits before each turn: threads of the engine before it may still spin
 * @param advance is called after each turn
 * @returns undefined where `signal` came before the end
 */
export async function measureSpeed<Name extends string>(
  peers: Readonly<Record<Name, Peer>>,
  plan: SpeedPlan,
  signal: AbortSignal,
  rest: () => Promise<void>,
  advance: () => void,
): Promise<Record<Name, PeerTimes> | undefined> {
  const names = Object.keys(peers) as Name[];
  const measures = measuresOf(plan);
  const times = new Map<string, number[]>();
  for (let round = 0; round <= plan.rounds; round += 1) {
    for (const [measure, time] of measures) {
      for (const name of inTurn(names, round)) {
        if (signal.aborted) return undefined;
        await rest();
        const ms = await time(peers[name]);
        const key = `${name} ${measure}`;
        if (round > 0) times.set(key, [...(times.get(key) ?? []), ms]);
        advance();
      }
    }
  }
  const timesOf = (name: string, measure: string): RoundTimes => roundTimes(times.get(`${name} ${measure}`) ?? []);
  const entries = names.map((name) => {
    const passes = Object.fromEntries(plan.widths.map((width) => [width, timesOf(name, `pass ${width}`)]));
    return [name, { read: timesOf(name, "read"), passes, write: timesOf(name, "write") }];
  });
  return Object.fromEntries(entries) as Record<Name, PeerTimes>;
}

/** `names`, the first of them another one in each round. */
export function inTurn<T>(names: readonly T[], round: number): T[] {
  const from = round % names.length;
  return [...names.slice(from), ...names.slice(0, from)];
}

/** @param roundsMs at least one */
export function roundTimes(roundsMs: readonly number[]): RoundTimes {
  const rounded = roundsMs.map((ms) => Math.round(ms * 1000) / 1000);
  return { bestMs: Math.min(...rounded), medianMs: median(rounded), roundsMs: rounded };
}

/** Each measure by its name; the prompt is read first, because the others go on from it. */
function measuresOf({ promptTokens, widths, writeTokens }: SpeedPlan): Map<string, (peer: Peer) => Promise<number>> {
  const prompt = sampleTokens(promptTokens);
  const measures = new Map([["read", async (peer: Peer) => (await peer.ask("readAnew", { tokens: prompt })).ms]]);
  for (const width of widths) {
    measures.set(`pass ${width}`, async (peer) => {
      const params = { tokens: sampleTokens(width), past: promptTokens };
      await peer.ask("pass", params);
      return (await peer.ask("pass", params)).ms;
    });
  }
  measures.set("write", async (peer) => {
    await peer.ask("write", { prompt, ends: [], maxTokens: 1 });
    return (await peer.ask("write", { prompt, ends: [], maxTokens: writeTokens })).ms;
  });
  return measures;
}
