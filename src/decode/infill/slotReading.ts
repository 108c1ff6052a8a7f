import type { CanvasSlot } from "./canvas.js";
import { rowConfidence } from "./confidence.js";
import type { InfillTask } from "./infillTask.js";
import { argmax, chooseIndex } from "../sample.js";

/** What a pass says of one undecided slot. */
export interface SlotReading {
  readonly slot: number;
  /** The likeliest token that may be committed. */
  readonly token: number;
  /** Its probability among all tokens, in [0, 1]. */
  readonly probability: number;
  /** Over all tokens, nats, at most 0. */
  readonly negativeEntropy: number;
}

/**
 * Reads the undecided slots of a canvas. Overwrites the logits of `forbidden` ids with -Infinity.
 *
 * @param logits [slots.length, vocabSize], the canvas's own
 */
export function readSlots(logits: Float32Array, slots: readonly CanvasSlot[], vocabSize: number, forbidden: readonly number[]): SlotReading[] {
  const readings: SlotReading[] = [];
  slots.forEach(({ token: decided }, slot) => {
    if (decided !== undefined) return;
    const offset = slot * vocabSize;
    const { negativeEntropy, logSum } = rowConfidence(logits, offset, vocabSize);
    for (const id of forbidden) logits[offset + id] = -Infinity;
    const token = argmax(logits, offset, vocabSize);
    readings.push({ slot, token, probability: Math.exp(logits[offset + token] - logSum), negativeEntropy });
  });
  return readings;
}

/** Chooses which slots of a pass to commit: at least one of `readings`, which has at least one. */
export type CommitRule = (readings: readonly SlotReading[]) => readonly SlotReading[];

/** The one slot of the highest negative entropy; of equal ones the left-most. */
export const mostConfident: CommitRule = (readings) => [
  readings.reduce((best, reading) => (reading.negativeEntropy > best.negativeEntropy ? reading : best)),
];

/**
 * Every slot whose token has at least this probability, and in any case the `least` most confident ones.
 *
 * Source: Fast-dLLM, arXiv 2505.22618, confidence-aware parallel decoding.
 */
export function allAbove(threshold: number, least = 1): CommitRule {
  return (readings) => {
    const sure = readings.filter(({ probability }) => probability >= threshold);
    if (sure.length >= least) return sure;
    const ranked = [...readings].sort((a, b) => b.negativeEntropy - a.negativeEntropy || a.slot - b.slot);
    return ranked.slice(0, least).sort((a, b) => a.slot - b.slot);
  };
}

/** The token to commit for a reading: the likeliest, or a draw when the task samples. */
export function tokenOf(reading: SlotReading, logits: Float32Array, vocabSize: number, { rule, random }: InfillTask): number {
  if (rule.temperature === 0) return reading.token;
  return chooseIndex(logits, reading.slot * vocabSize, vocabSize, rule, random, new Float64Array(vocabSize));
}

/** The likeliest token of a slot that is none of `forbidden`. */
export function likeliestBut(logits: Float32Array, slot: number, vocabSize: number, forbidden: readonly number[]): number {
  const offset = slot * vocabSize;
  for (const id of forbidden) logits[offset + id] = -Infinity;
  return argmax(logits, offset, vocabSize);
}
