import type { PassTime, PassTimesParams } from "../../protocol/messages.js";
import type { LoadedModels } from "./loadedModels.js";
import { probeTokens } from "./probeTokens.js";

/**
 * Times forward passes over several numbers of tokens, all sizes in turn in each repeat, so that a slow spell of the
 * machine meets them alike. A first round warms up and does not count.
 */
export async function passTimes(models: LoadedModels, { contextTokens, tokens, repeats }: PassTimesParams): Promise<PassTime[]> {
  const { verifier, plainVerifier, diffuser } = models;
  const context = probeTokens(contextTokens, verifier.vocabSize);
  const times = tokens.map((count) => ({ tokens: count, verifyMs: [] as number[], draftMs: [] as number[] }));
  for (let repeat = -1; repeat < repeats; repeat += 1) {
    for (const { tokens: count, verifyMs, draftMs } of times) {
      const sequence = [...context, ...probeTokens(count, verifier.vocabSize)];
      const pass = count === 1 ? plainVerifier : verifier;
      const canvas = { slots: new Array<number>(count).fill(diffuser.maskId), tail: [diffuser.sepId] };
      // One-token passes leave no exact cache behind: the context is read again here, outside the measured time.
      await verifier.prefill(context);
      await diffuser.prefill(context);
      const start = performance.now();
      await pass.next(sequence, count);
      const between = performance.now();
      await diffuser.denoise(context, [canvas]);
      if (repeat < 0) continue;
      verifyMs.push(between - start);
      draftMs.push(performance.now() - between);
    }
  }
  return times;
}
