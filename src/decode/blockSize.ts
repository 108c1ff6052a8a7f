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

/** Weight of the newest trial in a running acceptance rate. */
const NEWEST_SHARE = 0.05;
/** Acceptance of a drafted token before anything was seen. */
const PRIOR_RATE = 0.6;

/** After this many rounds without a draft, one is tried again: the text may have become easier to draft. */
const IDLE_ROUNDS = 16;

/**
 * The length that is expected to give most tokens a millisecond; 0, plain decoding, where drafting does not pay.
 *
 * The token in slot i of a draft is taken to stand with a rate a_i of its own, if all before it do, so that a draft of k gives
 * 1 + a_1 + a_1 a_2 + ... tokens. Each slot up to the first that fell is one trial of its rate. Slots that were never reached
 * have the rate of the last one that was.
 *
 * @param costs measured, at least one; only the lengths in it are considered
 */
export function fastestBlock(costs: readonly PassCost[]): BlockSizer {
  const drafting = costs.map(({ draftTokens }) => draftTokens).filter((length) => length > 0);
  const rates = [PRIOR_RATE];
  let idleRounds = 0;
  const tokensPerMs = ({ draftTokens, draftMs, verifyMs }: PassCost): number => {
    let tokens = 1;
    let standing = 1;
    for (let slot = 0; slot < draftTokens; slot += 1) {
      standing *= rates[Math.min(slot, rates.length - 1)];
      tokens += standing;
    }
    return tokens / (draftMs + verifyMs);
  };
  return {
    next() {
      const best = costs.reduce((fastest, cost) => (tokensPerMs(cost) > tokensPerMs(fastest) ? cost : fastest)).draftTokens;
      idleRounds = best === 0 ? idleRounds + 1 : 0;
      return idleRounds > 0 && idleRounds % IDLE_ROUNDS === 0 ? Math.min(...drafting) : best;
    },
    observe(drafted, accepted) {
      for (let slot = 0; slot < Math.min(drafted, accepted + 1); slot += 1) {
        if (slot === rates.length) rates.push(rates[slot - 1]);
        rates[slot] += NEWEST_SHARE * ((slot < accepted ? 1 : 0) - rates[slot]);
      }
    },
  };
}
