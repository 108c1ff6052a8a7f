import type { PassCost } from "../../decode/draft/blockSize.js";
import type { CanvasInput, Diffuser } from "../../decode/diffuser.js";
import type { Verifier } from "../../decode/verifier.js";
import { probeTokens } from "./probeTokens.js";

const CONTEXT_TOKENS = 256;
const REPEATS = 3;

/**
 * Times drafts and verifies of several lengths on this machine, after a context of 256 tokens; the fastest of three
 * counts, because whatever else runs on the machine only ever adds time. All verifies are timed before all drafts: where
 * drafts come for nothing, one model runs alone, and its weights stay in the processor's caches.
 *
 * @param lengths draft lengths; 0 is a pass without a draft
 * @throws Cancelled
 */
export async function measurePassCosts(verifier: Verifier, diffuser: Diffuser, lengths: readonly number[]): Promise<PassCost[]> {
  const context = probeTokens(CONTEXT_TOKENS, verifier.vocabSize);
  const verifyMs = await fastestOf(lengths, (length) => verifier.next([...context, ...context.slice(0, length)], length + 1));
  const canvas = (length: number): CanvasInput => ({ slots: new Array<number>(length).fill(diffuser.maskId), tail: [diffuser.sepId] });
  const draftMs = await fastestOf(lengths, (length) => (length === 0 ? undefined : diffuser.denoise(context, [canvas(length)])));
  return lengths.map((draftTokens, index) => ({ draftTokens, draftMs: draftMs[index], verifyMs: verifyMs[index] }));
}

/** The time of the fastest of some passes of each length, after one that is not timed. */
async function fastestOf(lengths: readonly number[], pass: (length: number) => Promise<unknown> | undefined): Promise<number[]> {
  const fastest: number[] = [];
  for (const length of lengths) {
    await pass(length);
    let least = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const start = performance.now();
      await pass(length);
      least = Math.min(least, performance.now() - start);
    }
    fastest.push(least);
  }
  return fastest;
}
