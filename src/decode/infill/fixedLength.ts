import { Canvas } from "./canvas.js";
import type { Diffuser } from "../diffuser.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { readSlots, tokenOf, type CommitRule } from "./slotReading.js";

/**
 * Fills a hole with exactly `length` tokens: passes over one canvas, each committing what `rule` chooses.
 *
 * @param length in [1, diffuser.maxSlots]
 */
export async function* infillFixedLength(diffuser: Diffuser, task: InfillTask, length: number, commitRule: CommitRule): InfillDecoder {
  const canvas = new Canvas(length, length);
  const { vocabSize, maskId } = diffuser;
  while (canvas.undecided > 0) {
    const [logits] = await diffuser.denoise({ layout: task.layout, written: [] }, [{ slots: canvas.masked(maskId), tail: task.tail }]);
    for (const reading of commitRule(readSlots(logits, canvas.slots, vocabSize, task.forbidden))) {
      canvas.commit(reading.slot, tokenOf(reading, logits, vocabSize, task), reading.probability);
    }
    yield { slots: canvas.slots };
  }
  return { tokens: canvas.committed, initialLength: length, candidates: [], alternatives: [] };
}
