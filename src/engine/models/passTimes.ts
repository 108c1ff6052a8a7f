import { layoutOf } from "../../decode/sequence.js";
import type { PassTime, PassTimesParams } from "../../protocol/messages.js";
import type { Pair } from "./pair.js";
import { KvCache } from "./kvCache.js";
import { probeTokens } from "./probeTokens.js";

/**
 * Times forward passes over several numbers of tokens, all sizes in turn in each repeat, so that a slow spell of the
 * machine meets them alike. A first round warms up and does not count.
 */
export async function passTimes({ verifier, diffuser }: Pair, { contextTokens, tokens, repeats }: PassTimesParams): Promise<PassTime[]> {
  const { vocabSize } = verifier.entry;
  const layout = layoutOf(probeTokens(contextTokens, vocabSize));
  const scratch = new KvCache(verifier.entry.cache);
  const times = tokens.map((count) => ({ tokens: count, verifyMs: [] as number[], draftMs: [] as number[] }));
  for (let repeat = -1; repeat < repeats; repeat += 1) {
    for (const { tokens: count, verifyMs, draftMs } of times) {
      const pass = count === 1 ? verifier.plain : verifier.exact;
      // One-token passes leave no exact cache behind: the context is read again here to its last token, outside the measured time.
      await verifier.exact.next({ layout, written: [] }, 1);
      const start = performance.now();
      await pass.next({ layout, written: probeTokens(count, vocabSize) }, count);
      if (repeat >= 0) verifyMs.push(performance.now() - start);
      if (diffuser === undefined) continue;
      if ("timeDraft" in diffuser.timed && !diffuser.fillsHoles) {
        const draft = await diffuser.timed.timeDraft(scratch, contextTokens, count);
        if (repeat >= 0) draftMs.push(draft);
        continue;
      }
      await diffuser.model.prefill({ layout, written: [] });
      const between = performance.now();
      const canvas = { slots: new Array<number>(count).fill(diffuser.model.maskId), tail: [diffuser.model.sepId] };
      await diffuser.model.denoise({ layout, written: [] }, [canvas]);
      if (repeat >= 0) draftMs.push(performance.now() - between);
    }
  }
  return times;
}
