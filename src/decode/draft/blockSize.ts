/** What a draft is to be. */
export interface BlockChoice {
  /** Tokens to draft; 0: better none. */
  readonly length: number;
  /** What the draft and its verify are expected to give; Infinity: to be tried before all others. */
  readonly tokensPerMs: number;
}

/** Chooses how many tokens to draft next. */
export interface BlockSizer {
  next(): BlockChoice;
  /** Whether drafts are expected to pay now, by what was learned. Absent where that is not asked. */
  isPaying?(): boolean;
  /** Learns how a draft fared. */
  observe(drafted: number, accepted: number): void;
}

/** What one draft and one verify of `draftTokens` cost on this machine. */
export interface PassCost {
  readonly draftTokens: number;
  readonly draftMs: number;
  readonly verifyMs: number;
}

/** Always the same length, at least 1, whatever it gives. */
export function fixedBlock(length: number): BlockSizer {
  return { next: () => ({ length, tokensPerMs: Infinity }), observe: () => {} };
}

/** The same lengths, of which only the share of what they are expected to give is believed. */
export function discounted(sizer: BlockSizer, share: number): BlockSizer {
  const next = (): BlockChoice => {
    const { length, tokensPerMs } = sizer.next();
    return { length, tokensPerMs: share * tokensPerMs };
  };
  return { ...sizer, next };
}

/** Weight of the newest trial in a running acceptance rate, once there were many. */
const NEWEST_SHARE = 0.05;
/** Acceptance of a drafted token before anything was seen. */
const PRIOR_RATE = 0.6;

/** After this many rounds without a draft, one is tried again: the text may have become easier to draft. */
const FIRST_IDLE_ROUNDS = 16;
/** Each try doubles the rounds until the next, up to this; a draft that stands as a whole ends that. */
const MOST_IDLE_ROUNDS = 256;

/**
 * The length that is expected to give most tokens a millisecond; 0, plain decoding, where drafting does not pay.
 *
 * The token in slot i of a draft is taken to stand with a rate a_i of its own, if all before it do, so that a draft of k gives
 * 1 + a_1 + a_1 a_2 + ... tokens. Each slot up to the first that fell is one trial of its rate. Slots that were never reached
 * have the rate of the last one that was.
 *
 * @param costsNow what passes cost as far as it is known, at least one; only the lengths in it are considered
 */
export function fastestBlock(costsNow: () => readonly PassCost[]): BlockSizer {
  const rates = [PRIOR_RATE];
  const trials = [1];
  let idleRounds = 0;
  let idleLimit = FIRST_IDLE_ROUNDS;
  const choice = ({ draftTokens, draftMs, verifyMs }: PassCost): BlockChoice => {
    let tokens = 1;
    let standing = 1;
    for (let slot = 0; slot < draftTokens; slot += 1) {
      standing *= rates[Math.min(slot, rates.length - 1)];
      tokens += standing;
    }
    return { length: draftTokens, tokensPerMs: tokens / (draftMs + verifyMs) };
  };
  const fastest = (): BlockChoice =>
    costsNow()
      .map(choice)
      .reduce((a, b) => (b.tokensPerMs > a.tokensPerMs ? b : a));
  return {
    isPaying: () => fastest().length > 0,
    next() {
      const best = fastest();
      if (best.length > 0) {
        idleRounds = 0;
        idleLimit = FIRST_IDLE_ROUNDS;
        return best;
      }
      idleRounds += 1;
      if (idleRounds < idleLimit) return best;
      idleRounds = 0;
      idleLimit = Math.min(2 * idleLimit, MOST_IDLE_ROUNDS);
      const shortest = Math.min(
        ...costsNow()
          .map(({ draftTokens }) => draftTokens)
          .filter((length) => length > 0),
      );
      return { length: shortest, tokensPerMs: Infinity };
    },
    observe(drafted, accepted) {
      if (drafted > 0 && accepted === drafted) idleLimit = FIRST_IDLE_ROUNDS;
      for (let slot = 0; slot < Math.min(drafted, accepted + 1); slot += 1) {
        if (slot === rates.length) {
          rates.push(rates[slot - 1]);
          trials.push(1);
        }
        trials[slot] += 1;
        rates[slot] += Math.max(NEWEST_SHARE, 1 / trials[slot]) * ((slot < accepted ? 1 : 0) - rates[slot]);
      }
    },
  };
}
