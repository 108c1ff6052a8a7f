import { PATIENCE, type Patience } from "../network/patience.js";

/** How long a server has for each part of an answer, in ms. */
export interface Limits {
  /** To take a new connection, encryption included. */
  readonly connectMs: number;
  /** Until its first text. */
  readonly firstMs: number;
  /** From one piece to the next. */
  readonly idleMs: number;
  /** For all of it. */
  readonly wholeMs: number;
}

/** Somebody is typing: what comes later than this is not waited for, and the models here write instead. */
export const TYPING_LIMITS: Limits = { connectMs: 1500, firstMs: 4000, idleMs: 4000, wholeMs: 20_000 };

/** One more try, soon: whoever waits is better served by the models here. */
export const TYPING_PATIENCE: Patience = {
  ...PATIENCE,
  tries: 2,
  firstPauseMs: 120,
  longestPauseMs: 250,
  longestAskedPauseMs: 300,
  spread: () => 0.5 + Math.random(),
};
