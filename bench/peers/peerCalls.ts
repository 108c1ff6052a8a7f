import type { GreedyAnswer } from "./greedyText.js";
import type { PeerSetting, WrittenText } from "./peerModel.js";
import type { ProcessMemory } from "./processMemory.js";

/** What the process of an engine can be asked. */
export interface PeerCalls {
  load(params: PeerSetting): Promise<{ readonly about: Readonly<Record<string, unknown>>; readonly emptyMB: number }>;
  /** Reads a prompt with nothing kept; the passes it took. */
  readAnew(params: { readonly tokens: readonly number[] }): Promise<number>;
  /** A pass over `tokens` after `past` positions, all rows asked for. */
  pass(params: { readonly tokens: readonly number[]; readonly past: number }): Promise<void>;
  write(params: { readonly prompt: readonly number[]; readonly ends: readonly number[]; readonly maxTokens: number }): Promise<GreedyAnswer>;
  /** By the engine's own loop; of llama.cpp alone. */
  writeByItself(params: { readonly prompt: readonly number[]; readonly maxTokens: number; readonly hasDrafts: boolean }): Promise<WrittenText>;
  memory(params: object): Promise<ProcessMemory>;
}

export interface PeerRequest {
  readonly name: keyof PeerCalls;
  readonly params: unknown;
}

export type PeerReply = { readonly value: unknown; readonly ms: number } | { readonly failure: string };

/** What a call gave, and how long it took in the process that was asked. */
export interface Timed<T> {
  readonly value: T;
  readonly ms: number;
}

/** An engine to be asked, one call at a time. */
export interface Peer {
  ask<Name extends keyof PeerCalls>(name: Name, params: Parameters<PeerCalls[Name]>[0]): Promise<Timed<Awaited<ReturnType<PeerCalls[Name]>>>>;
}
