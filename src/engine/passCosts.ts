import type { PassCost } from "../decode/blockSize.js";
import type { Diffuser } from "../decode/diffuser.js";
import type { Verifier } from "../decode/verifier.js";
import { probeTokens } from "./probeTokens.js";

const CONTEXT_TOKENS = 256;
const REPEATS = 3;

/**
 * Times drafts and verifies of several lengths on this machine, after a context of 256 tokens; the fastest of three
 * counts, because whatever else runs on the machine only ever adds time.
 *
 * @param lengths draft lengths; 0 is a pass without a draft
 * @throws Cancelled
 */
export async function measurePassCosts(verifier: Verifier, diffuser: Diffuser, lengths: readonly number[]): Promise<PassCost[]> {
  const context = probeTokens(CONTEXT_TOKENS, verifier.vocabSize);
  const costs: PassCost[] = [];
  for (const draftTokens of lengths) {
    const canvas = { slots: new Array<number>(draftTokens).fill(diffuser.maskId), tail: [diffuser.sepId] };
    const sequence = [...context, ...context.slice(0, draftTokens)];
    await verifier.next(sequence, draftTokens + 1);
    if (draftTokens > 0) await diffuser.denoise(context, [canvas]);
    let draftMs = Infinity;
    let verifyMs = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const start = performance.now();
      if (draftTokens > 0) await diffuser.denoise(context, [canvas]);
      const between = performance.now();
      await verifier.next(sequence, draftTokens + 1);
      draftMs = Math.min(draftMs, between - start);
      verifyMs = Math.min(verifyMs, performance.now() - between);
    }
    costs.push({ draftTokens, draftMs, verifyMs });
  }
  return costs;
}
