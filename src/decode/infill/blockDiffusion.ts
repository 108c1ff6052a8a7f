import { Canvas, type CanvasSlot } from "./canvas.js";
import type { Diffuser } from "../diffuser.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { likeliestBut, readSlots, tokenOf, type CommitRule } from "./slotReading.js";

/**
 * Writes block after block until the model says that the text ends.
 *
 * A finished block becomes context, so that it is read once and stays cached; only one block of canvas is ever computed.
 *
 * @param blockSlots slots of a block, in [1, diffuser.maxSlots]
 *
 * Source: dLLM-Var, arXiv 2510.24605; as published it commits every slot above 0.9.
 */
export async function* infillByBlocks(
  diffuser: Diffuser,
  task: InfillTask,
  endId: number,
  blockSlots: number,
  commitRule: CommitRule,
): InfillDecoder {
  const { vocabSize, maskId, sepId } = diffuser;
  const done: CanvasSlot[] = [];
  const endable = task.forbidden.filter((id) => id !== endId);
  let ended = false;
  while (!ended && done.length < task.maxTokens) {
    const canvas = new Canvas(Math.min(blockSlots, task.maxTokens - done.length), blockSlots);
    const sequence = { layout: task.layout, written: done.flatMap(({ token }) => token ?? []) };
    // What lies behind the end is another text's: it is neither decided nor shown.
    let end = canvas.length;
    while (canvas.slots.slice(0, end).some(({ token }) => token === undefined)) {
      const slots = canvas.masked(maskId).slice(0, end);
      const [logits] = await diffuser.denoise(sequence, [{ slots, tail: ended ? task.tail : [sepId] }]);
      for (const reading of commitRule(readSlots(logits, canvas.slots.slice(0, end), vocabSize, endable))) {
        if (reading.slot >= end) break;
        let token = tokenOf(reading, logits, vocabSize, task);
        const isTooSoon = token === endId && done.length + reading.slot < task.minTokens;
        if (isTooSoon) token = likeliestBut(logits, reading.slot, vocabSize, task.forbidden);
        if (token === endId) {
          end = reading.slot;
          ended = true;
        } else canvas.commit(reading.slot, token, reading.probability);
      }
      yield { slots: [...done, ...canvas.slots.slice(0, end)] };
    }
    done.push(...canvas.slots.slice(0, end));
  }
  const tokens = done.flatMap(({ token }) => token ?? []);
  return { tokens, initialLength: blockSlots, candidates: [], alternatives: [] };
}
