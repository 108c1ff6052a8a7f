import type { CanvasSlot } from "../../decode/infill/canvas.js";
import type { InfillOutcome, InfillTask } from "../../decode/infill/infillTask.js";
import type { Layout } from "../../decode/sequence.js";
import { createRandom } from "../../base/random.js";
import type { Alternative, CanvasSlotText, InfillParams, InfillResult } from "../../protocol/messages.js";
import { healedEnd } from "../../text/healing.js";
import { fromLf, lineEndOf } from "../../text/lineEnds.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { LineLimit } from "../../text/lineLimit.js";
import { AnswerText } from "./answerText.js";
import { infillDecoder, isWrittenByVerifier } from "./infillMethod.js";
import { withoutRestOfLine } from "./restOfLine.js";
import type { Pair } from "../models/pair.js";
import { Cancelled } from "../passGate.js";
import { learningSources, type CommonSources } from "./learningSources.js";
import { promptOf } from "./prompt.js";

/** Where an infill in progress reports to. */
export interface InfillListener {
  /** Receives committed text from left to right; not taken back. */
  onText(text: string): void;
  /** Receives the canvas after each pass. */
  onCanvas(slots: readonly CanvasSlotText[]): void;
}

/** Fills a hole of unknown length. @param learned what requests learn for later ones @throws LacunaError `badRequest` */
export async function infill(
  pair: Pair,
  params: InfillParams,
  listener: InfillListener,
  { diffusion }: CommonSources = learningSources(pair),
): Promise<InfillResult> {
  const { diffuser, verifier, gate } = pair;
  const { tokenizer } = verifier;
  const start = performance.now();
  const document = params.prefix + params.suffix;
  // A canvas begins at the hole and has a length that was looked for; what the verifier writes by itself begins a little before the hole
  // and may go on too long.
  const isWrittenOn = isWrittenByVerifier(pair, params.method);
  const isUncut = params.isUncut === true || !isWrittenOn;
  const healed = isWrittenOn ? healedEnd(params.prefix, tokenizer) : "";
  // What "auto" shows may lose against another candidate in the end: until then none of it is sure to stay.
  const isSettledFromLeft = params.method !== "auto";
  const onText = (text: string): void => {
    if (isSettledFromLeft) listener.onText(text);
  };
  const answer = new AnswerText(tokenizer, { ...params, isUncut }, onText, healed, true);
  let settled: number[] = [];
  let taken = 0;
  let outcome: InfillResult["outcome"] = "done";
  let result: InfillOutcome = { tokens: [], initialLength: 0, candidates: [], alternatives: [] };
  try {
    const prefix = params.prefix.slice(0, params.prefix.length - healed.length);
    const task = infillTask(pair, promptOf(pair, { ...params, prefix }), params);
    const decoder = infillDecoder(pair, params, task, { start, healed, diffusion });
    let step = await decoder.next();
    for (; step.done !== true; step = await decoder.next()) {
      const { slots } = step.value;
      listener.onCanvas(shownSlots(slots, tokenizer, healed.length));
      if (!isSettledFromLeft) continue;
      const now = settledPrefix(slots);
      taken += answer.push(now.slice(settled.length));
      settled = now;
      if (answer.isFull) break;
    }
    result = step.done === true ? step.value : { ...result, tokens: settled };
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    outcome = "cancelled";
  }
  const tokens = outcome === "done" ? result.tokens : settled;
  taken += answer.push(tokens.slice(settled.length));
  const whole = answer.end();
  const ended = (text: string): string => (isSettledFromLeft || isUncut ? text : withoutRestOfLine(text, params));
  const middle = ended(whole);
  if (!isSettledFromLeft && middle !== "") listener.onText(middle);
  const lineEnd = lineEndOf(document);
  const textOf = (other: readonly number[]): string =>
    ended(fromLf(new LineLimit(params.maxLines ?? Infinity).take(tokenizer.decode(other).slice(healed.length)), lineEnd));
  const { entry, runner } = isWrittenOn ? verifier : (diffuser ?? verifier);
  return {
    outcome,
    middle,
    tokens: taken,
    passes: gate.passes,
    ms: performance.now() - start,
    length: { initial: result.initialLength, final: tokens.length, candidates: result.candidates },
    alternatives: othersThan(
      middle,
      result.alternatives.map(({ tokens: other, score }) => ({
        text: textOf(other),
        tokens: other.length,
        confidence: score === undefined ? undefined : score / (other.length + 1),
      })),
    ),
    method: params.method,
    model: entry.name,
    device: runner.device,
  };
}

function infillTask({ verifier, diffuser }: Pair, layout: Layout, params: InfillParams): InfillTask {
  const { ends, forbidden } = verifier.entry;
  // Without a diffuser nothing meets these tails.
  const { meets, flexible } = diffuser?.entry.canvas ?? { meets: 0, flexible: 0 };
  return {
    layout,
    tail: [meets, ...layout.suffixHead],
    flexibleTail: [flexible ?? meets, ...layout.suffixHead],
    minTokens: params.minTokens ?? 1,
    maxTokens: params.maxTokens,
    // With more lines than one, line breaks are needed; what is too much is left out of the text.
    forbidden: [...ends, ...forbidden, ...(params.maxLines === 1 && diffuser !== undefined ? verifier.lineBreaks.all() : [])],
    rule: { temperature: params.temperature, topP: params.topP },
    random: createRandom(params.seed),
  };
}

/** Slots as they are painted, without the characters at their beginning that the document has already. */
function shownSlots(slots: readonly CanvasSlot[], tokenizer: Tokenizer, healedUnits: number): CanvasSlotText[] {
  let skipped = healedUnits;
  return slots.map(({ token, confidence }) => {
    const text = token === undefined ? "" : tokenizer.decode([token]);
    const shown = text.slice(skipped);
    skipped -= text.length - shown.length;
    return { text: shown, confidence };
  });
}

/** Each text once, and none that differs from another, or from `middle`, by white space at its end alone. */
function othersThan(middle: string, others: readonly Alternative[]): Alternative[] {
  const seen = new Set([middle.trimEnd()]);
  return others.filter(({ text }) => !seen.has(text.trimEnd()) && seen.add(text.trimEnd()));
}

/** The committed tokens before the first undecided slot. */
function settledPrefix(slots: readonly CanvasSlot[]): number[] {
  const undecided = slots.findIndex(({ token }) => token === undefined);
  return slots.slice(0, undecided === -1 ? slots.length : undecided).flatMap(({ token }) => token ?? []);
}
