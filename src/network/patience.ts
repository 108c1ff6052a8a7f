import { setTimeout as sleep } from "node:timers/promises";
import type { LacunaError } from "../protocol/errors.js";

/** How long to wait for a server, and how often to try. */
export interface Patience {
  /** Longest time without a byte. */
  readonly idleMs: number;
  /** Tries in a row that bring nothing before giving up. */
  readonly tries: number;
  /** Pause before the second try; it doubles each time, up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A server that asks for a longer pause than this is not waited for. */
  readonly longestAskedPauseMs: number;
  /** A factor for the next pause, by chance, so that many who failed at once do not come back at once; default: none. */
  readonly spread?: (() => number) | undefined;
}

export const PATIENCE: Patience = { idleMs: 30_000, tries: 6, firstPauseMs: 1000, longestPauseMs: 30_000, longestAskedPauseMs: 120_000 };

/** A failure that may be gone at the next try. */
export class Hitch extends Error {
  override readonly name = "Hitch";
  /** What to tell when it is not. */
  readonly failure: LacunaError;
  /** The pause that the server asked for. */
  readonly askedPauseMs: number | undefined;

  constructor(failure: LacunaError, askedPauseMs?: number) {
    super(failure.message);
    this.failure = failure;
    this.askedPauseMs = askedPauseMs;
  }
}

export interface Wait {
  readonly pauseMs: number;
  /** Why: a sentence. */
  readonly because: string;
}

/**
 * Calls `attempt` until it succeeds, with pauses in between that grow while nothing is gained. Errors other than a `Hitch` end it.
 *
 * @param hasGained whether the attempt that has just failed brought something, so that the counting starts anew
 * @throws the failure of the last hitch; the reason of `signal`
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  {
    patience,
    signal,
    hasGained = () => false,
    onWait,
  }: {
    readonly patience: Patience;
    readonly signal: AbortSignal | undefined;
    readonly hasGained?: () => boolean;
    readonly onWait?: ((wait: Wait) => void) | undefined;
  },
): Promise<T> {
  for (let vain = 1; ; vain++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Hitch)) throw error;
      if (hasGained()) vain = 1;
      const ownPauseMs = Math.min(patience.longestPauseMs, patience.firstPauseMs * 2 ** (vain - 1)) * (patience.spread?.() ?? 1);
      const pauseMs = Math.max(error.askedPauseMs ?? 0, ownPauseMs);
      if (vain >= patience.tries || (error.askedPauseMs ?? 0) > patience.longestAskedPauseMs) throw error.failure;
      onWait?.({ pauseMs, because: error.message });
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
