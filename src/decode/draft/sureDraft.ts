import type { Random } from "../../base/random.js";
import type { SamplingRule } from "../sample.js";
import type { Sequence } from "../sequence.js";
import type { PassCost } from "./blockSize.js";
import type { Draft, Drafter } from "./draft.js";

/** A draft that says how sure its model is of each token. */
export interface SureDraft extends Draft {
  /** For each token the chance, in [0, 1], that it stands if all before it do. */
  readonly certainties: readonly number[];
}

/** How drafted tokens are chosen. */
export interface DraftRule {
  readonly rule: SamplingRule;
  readonly random: Random;
  /** Whether what the model does not know yet may cost a pass of the verifier; if not, nothing is drafted where it would. */
  readonly mayRead: boolean;
}

/** A model that drafts token after token, and knows how sure it is. */
export interface SureModel {
  /** At most `length` tokens to follow `sequence`. */
  propose(sequence: Sequence, length: number, rule: DraftRule): Promise<SureDraft>;
}

/** Drafts by a model that knows how sure it is, and verifies of each draft as much as pays. */
export class SureDrafter implements Drafter {
  readonly #model: SureModel;
  readonly #rule: DraftRule;
  readonly #costsNow: (() => readonly PassCost[]) | undefined;

  /** @param costsNow what passes cost as far as it is known; undefined: drafts are verified whole */
  constructor(model: SureModel, rule: DraftRule, costsNow?: () => readonly PassCost[]) {
    this.#model = model;
    this.#rule = rule;
    this.#costsNow = costsNow;
  }

  async draft(sequence: Sequence, length: number): Promise<Draft> {
    const { tokens, proposals, certainties } = await this.#model.propose(sequence, length, this.#rule);
    const kept = this.#costsNow === undefined ? tokens.length : payingLength(certainties, this.#costsNow());
    return { tokens: tokens.slice(0, kept), proposals: proposals?.slice(0, kept) };
  }
}

/**
 * How much of a draft is worth verifying: what is expected to give most tokens for the time of the verify. The draft itself is paid
 * for, and the shortest verify is made in any case.
 *
 * @param certainties of the drafted tokens, each given those before it
 * @param costs what verifies cost; only the lengths in it are considered, and the whole draft where it is shorter than all of them
 * @returns at least 1, where anything was drafted
 */
export function payingLength(certainties: readonly number[], costs: readonly PassCost[]): number {
  const drafted = certainties.length;
  const lengths = costs.filter(({ draftTokens }) => draftTokens > 0 && draftTokens <= drafted);
  let best = { length: Math.min(drafted, ...costs.map(({ draftTokens }) => draftTokens).filter((length) => length > 0)), tokensPerMs: 0 };
  for (const { draftTokens, verifyMs } of lengths) {
    let [tokens, standing] = [1, 1];
    for (const certainty of certainties.slice(0, draftTokens)) {
      standing *= certainty;
      tokens += standing;
    }
    if (tokens / verifyMs > best.tokensPerMs) best = { length: draftTokens, tokensPerMs: tokens / verifyMs };
  }
  return best.length;
}
