import type { DraftSource } from "../../decode/draft/speculate.js";
import type { Verifier } from "../../decode/verifier.js";
import type { Stages } from "../../protocol/messages.js";

/** Measures where the time of one completion goes, from outside the decoders, which know no clock. */
export class StageClock {
  #draftMs = 0;
  #verifyMs = 0;

  /** `verifier`, its passes timed. */
  timeVerifier(verifier: Verifier): Verifier {
    return {
      vocabSize: verifier.vocabSize,
      ends: verifier.ends,
      next: async (sequence, rows) => {
        const start = performance.now();
        const logits = await verifier.next(sequence, rows);
        this.#verifyMs += performance.now() - start;
        return logits;
      },
    };
  }

  /** `source`, its drafts timed. */
  timeDrafts({ drafter, blockSizer }: DraftSource): DraftSource {
    const draft = async (...request: Parameters<typeof drafter.draft>): ReturnType<typeof drafter.draft> => {
      const start = performance.now();
      const made = await drafter.draft(...request);
      this.#draftMs += performance.now() - start;
      return made;
    };
    const observe = drafter.observe?.bind(drafter);
    return { drafter: observe === undefined ? { draft } : { draft, observe }, blockSizer };
  }

  /** @param totalMs the time of the whole completion, of which the rest is neither drafting nor verifying */
  stages(totalMs: number): Stages {
    return { draftMs: this.#draftMs, verifyMs: this.#verifyMs, otherMs: Math.max(0, totalMs - this.#draftMs - this.#verifyMs) };
  }
}
