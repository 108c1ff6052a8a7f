/** Chooses how many tokens to draft next. */
export interface BlockSizer {
  next(): number;
  /** Learns how a draft fared. */
  observe(drafted: number, accepted: number): void;
}

/** What one draft and one verify of `draftTokens` cost on this machine. */
export interface PassCost {
  readonly draftTokens: number;
  readonly draftMs: number;
  readonly verifyMs: number;
}

/** Always the same length, at least 1. */
export function fixedBlock(length: number): BlockSizer {
  return { next: () => length, observe: () => {} };
}

/** Weight of the newest trial in the running acceptance rate. */
const NEWEST_SHARE = 0.05;
/** Acceptance of a drafted token before anything was seen. */
const PRIOR_RATE = 0.6;

/** After this many rounds without a draft, one is tried again: the text may have become easier to draft. */
const IDLE_ROUNDS = 16;

/**
 * The length that is expected to give most tokens a millisecond; 0, plain decoding, where drafting does not pay.
 *
 * Each drafted token is taken to stand with the running rate a, independently, so that a draft of k gives
 * 1 + a + ... + a^k tokens. A fall counts as one trial, and each token that stood as one.
 *
 * @param costs measured, at least one; only the lengths in it are considered
 */
export function fastestBlock(costs: readonly PassCost[]): BlockSizer {
  const drafting = costs.map(({ draftTokens }) => draftTokens).filter((length) => length > 0);
  let rate = PRIOR_RATE;
  let idleRounds = 0;
  const tokensPerMs = ({ draftTokens, draftMs, verifyMs }: PassCost): number => {
    let tokens = 1;
    for (let slot = 1; slot <= draftTokens; slot += 1) tokens += rate ** slot;
    return tokens / (draftMs + verifyMs);
  };
  return {
    next() {
      const best = costs.reduce((fastest, cost) => (tokensPerMs(cost) > tokensPerMs(fastest) ? cost : fastest)).draftTokens;
      idleRounds = best === 0 ? idleRounds + 1 : 0;
      return idleRounds > 0 && idleRounds % IDLE_ROUNDS === 0 ? Math.min(...drafting) : best;
    },
    observe(drafted, accepted) {
      for (let slot = 0; slot < Math.min(drafted, accepted + 1); slot += 1) rate += NEWEST_SHARE * ((slot < accepted ? 1 : 0) - rate);
    },
  };
}
