import { infillLengthRegularized, type InfillOutcome } from "../decode/lengthRegularized.js";
import { createRandom } from "../decode/random.js";
import type { InfillParams, InfillResult } from "../protocol/messages.js";
import { AnswerText } from "./answerText.js";
import type { LoadedModels } from "./loadedModels.js";
import { Cancelled } from "./passGate.js";
import { promptOf } from "./prompt.js";

/**
 * Fills a hole of unknown length.
 *
 * @param onText receives committed text from left to right
 */
export async function infill(models: LoadedModels, params: InfillParams, onText: (text: string) => void): Promise<InfillResult> {
  const { diffuser, diffuserFacts, gate, manifest, report, tokenizer } = models;
  const start = performance.now();
  const answer = new AnswerText(tokenizer, params.prefix + params.suffix, onText);
  const tokens: number[] = [];
  let forwards = 0;
  let outcome: InfillResult["outcome"] = "done";
  let searched: Pick<InfillOutcome, "initialLength" | "candidates"> = { initialLength: 0, candidates: [] };
  try {
    const { tokens: context, suffixHead } = promptOf(models, params);
    await diffuser.prefill(context);
    const before = gate.passes;
    const decoder = infillLengthRegularized(diffuser, {
      context,
      tail: [manifest.specialIds.fimSuffix, ...suffixHead],
      maxTokens: params.maxTokens,
      forbidden: Object.values(manifest.specialIds),
      rule: { temperature: params.temperature, topP: params.topP },
      random: createRandom(params.seed),
    });
    let step = await decoder.next();
    for (; step.done !== true; step = await decoder.next()) {
      forwards = gate.passes - before;
      if (step.value.token === undefined) continue;
      tokens.push(step.value.token);
      answer.push([step.value.token]);
    }
    ({ forwards, ...searched } = step.value);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    outcome = "cancelled";
  }
  const middle = answer.end();
  return {
    outcome,
    middle,
    tokens: tokens.length,
    forwards,
    ms: performance.now() - start,
    length: { initial: searched.initialLength, final: tokens.length, candidates: searched.candidates },
    method: params.method,
    model: diffuserFacts.name,
    device: report.device,
  };
}
