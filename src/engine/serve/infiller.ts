import type { CanvasSlot } from "../../decode/infill/canvas.js";
import type { InfillOutcome } from "../../decode/infill/infillTask.js";
import { createRandom } from "../../base/random.js";
import type { CanvasSlotText, InfillParams, InfillResult } from "../../protocol/messages.js";
import { fromLf, lineEndOf } from "../../text/lineEnds.js";
import { LineLimit } from "../../text/lineLimit.js";
import { AnswerText } from "./answerText.js";
import { infillDecoder } from "./infillMethod.js";
import type { LoadedModels } from "../models/loadedModels.js";
import { Cancelled } from "../passGate.js";
import { promptOf } from "./prompt.js";

/** Where an infill in progress reports to. */
export interface InfillListener {
  /** Receives committed text from left to right; not taken back. */
  onText(text: string): void;
  /** Receives the canvas after each pass. */
  onCanvas(slots: readonly CanvasSlotText[]): void;
}

/** Fills a hole of unknown length. @throws LacunaError `badRequest` */
export async function infill(models: LoadedModels, params: InfillParams, listener: InfillListener): Promise<InfillResult> {
  const { diffuser, diffuserFacts, gate, manifest, tokenizer } = models;
  const start = performance.now();
  const document = params.prefix + params.suffix;
  const answer = new AnswerText(tokenizer, document, (text) => listener.onText(text), params.maxLines);
  // What "auto" shows may lose against another candidate in the end: until then none of it is sure to stay.
  const isSettledFromLeft = params.method !== "auto";
  let settled: number[] = [];
  let forwards = 0;
  let outcome: InfillResult["outcome"] = "done";
  let result: InfillOutcome = { tokens: [], forwards: 0, initialLength: 0, candidates: [], alternatives: [] };
  try {
    const { tokens: context, suffixHead } = promptOf(models, params);
    const { specialIds } = manifest;
    const task = {
      context,
      tail: [specialIds.fimSuffix, ...suffixHead],
      flexibleTail: [specialIds.expand, ...suffixHead],
      minTokens: params.minTokens ?? 1,
      maxTokens: params.maxTokens,
      // With more lines than one, line breaks are needed; what is too much is left out of the text.
      forbidden: [...Object.values(specialIds), ...(params.maxLines === 1 ? models.lineBreakIds() : [])],
      rule: { temperature: params.temperature, topP: params.topP },
      random: createRandom(params.seed),
    };
    const decoder = infillDecoder(models, params, task, start);
    await diffuser.prefill(context);
    const before = gate.passes;
    let step = await decoder.next();
    for (; step.done !== true; step = await decoder.next()) {
      const { slots } = step.value;
      forwards = gate.passes - before;
      listener.onCanvas(slots.map(({ token, confidence }) => ({ text: token === undefined ? "" : tokenizer.decode([token]), confidence })));
      if (!isSettledFromLeft) continue;
      const now = settledPrefix(slots);
      answer.push(now.slice(settled.length));
      settled = now;
    }
    result = step.value;
    forwards = result.forwards;
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    outcome = "cancelled";
  }
  const tokens = outcome === "done" ? result.tokens : settled;
  answer.push(tokens.slice(settled.length));
  const middle = answer.end();
  const lineEnd = lineEndOf(document);
  const limit = (): LineLimit => new LineLimit(params.maxLines ?? Infinity);
  return {
    outcome,
    middle,
    tokens: tokens.length,
    forwards,
    ms: performance.now() - start,
    length: { initial: result.initialLength, final: tokens.length, candidates: result.candidates },
    alternatives: othersThan(
      middle,
      result.alternatives.map((other) => fromLf(limit().take(tokenizer.decode(other)), lineEnd)),
    ),
    method: params.method,
    model: diffuserFacts.name,
    device: models.deviceInUse(),
  };
}

/** Each text once, and none that differs from another, or from `middle`, by white space at its end alone. */
function othersThan(middle: string, texts: readonly string[]): string[] {
  const seen = new Set([middle.trimEnd()]);
  return texts.filter((text) => !seen.has(text.trimEnd()) && seen.add(text.trimEnd()));
}

/** The committed tokens before the first undecided slot. */
function settledPrefix(slots: readonly CanvasSlot[]): number[] {
  const undecided = slots.findIndex(({ token }) => token === undefined);
  return slots.slice(0, undecided === -1 ? slots.length : undecided).flatMap(({ token }) => token ?? []);
}
