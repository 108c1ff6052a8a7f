import { Canvas } from "./canvas.js";
import type { Diffuser } from "../diffuser.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { likeliestBut, readSlots, tokenOf, type CommitRule } from "./slotReading.js";

/** The ids by which the model changes the length of its canvas. */
export interface LengthIds {
  /** Undefined: it only drops slots. */
  readonly expand: number | undefined;
  /** The slot and every undecided one behind it go; the end-of-text id in released checkpoints. */
  readonly delete: number;
}

/**
 * Fills a hole with a model that knows how to drop slots, and how to split them if it has a token for it: from `length` masks on, or from the
 * fewest tokens wanted.
 *
 * Neither is taken where the task's bounds forbid it: the likeliest other token then stands.
 *
 * Source: DreamOn, arXiv 2602.01326; as published `commitRule` takes the one most confident slot a pass.
 */
export async function* infillExpandDelete(
  diffuser: Diffuser,
  task: InfillTask,
  ids: LengthIds,
  length: number,
  commitRule: CommitRule,
): InfillDecoder {
  const { vocabSize, maskId } = diffuser;
  const maxSlots = Math.max(task.minTokens, Math.min(task.maxTokens, diffuser.maxSlots));
  const initialLength = Math.max(length, task.minTokens);
  const canvas = new Canvas(initialLength, maxSlots, 2 * maxSlots);
  const others = task.forbidden.filter((id) => id !== ids.expand && id !== ids.delete);
  while (canvas.undecided > 0) {
    const [logits] = await diffuser.denoise({ layout: task.layout, written: [] }, [{ slots: canvas.masked(maskId), tail: task.flexibleTail }]);
    const forbidden = canvas.canGrow || ids.expand === undefined ? others : [...others, ids.expand];
    const chosen = commitRule(readSlots(logits, canvas.slots, vocabSize, forbidden)).map((reading) => ({
      ...reading,
      token: tokenOf(reading, logits, vocabSize, task),
    }));
    apply(canvas, chosen, task, ids, (slot) => likeliestBut(logits, slot, vocabSize, task.forbidden));
    yield { slots: canvas.slots };
  }
  return { tokens: canvas.committed, initialLength, candidates: [], alternatives: [] };
}

interface Choice {
  readonly slot: number;
  readonly token: number;
  readonly probability: number;
}

/** Tokens first; then the splits, from the right, so that indices stay true; the left-most delete last. */
function apply(canvas: Canvas, choices: readonly Choice[], task: InfillTask, ids: LengthIds, otherToken: (slot: number) => number): void {
  let from: number | undefined;
  const splits: Choice[] = [];
  for (const choice of choices) {
    const { slot, token, probability } = choice;
    if (token === ids.expand) splits.unshift(choice);
    else if (token !== ids.delete) canvas.commit(slot, token, probability);
    else if (from === undefined && kept(canvas, slot) >= task.minTokens) from = slot;
    else if (from === undefined) canvas.commit(slot, otherToken(slot));
  }
  for (const { slot } of splits) {
    if (from !== undefined && slot > from) continue;
    if (!canvas.expand(slot)) canvas.commit(slot, otherToken(slot));
    else if (from !== undefined) from += 1;
  }
  if (from !== undefined) canvas.delete(from);
}

/** Slots that stay when `slot` and the undecided ones behind it go. */
function kept(canvas: Canvas, slot: number): number {
  return canvas.slots.filter(({ token }, index) => index < slot || token !== undefined).length;
}
