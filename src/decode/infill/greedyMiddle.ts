import { repetitions } from "./repetitions.js";
import { speculate } from "../draft/speculate.js";
import type { Verifier } from "../verifier.js";
import { settledCanvas } from "./judgedMiddles.js";
import type { InfillDecoder, InfillTask } from "./infillTask.js";
import { leastTokens, RuledVerifier, type WritingRules } from "../ruledVerifier.js";

/** Fills a hole by the verifier's own text, from the left, as far as it ends it; drafts come from repetitions. */
export async function* infillGreedily(verifier: Verifier, task: InfillTask, rules: WritingRules = {}): InfillDecoder {
  const sources = repetitions();
  const { layout, minTokens, maxTokens, rule, random } = task;
  const tokens: number[] = [];
  const ruled = new RuledVerifier(new RuledVerifier(verifier, rules), leastTokens(minTokens > 1 ? minTokens : 0));
  for await (const block of speculate(ruled, layout, sources, { maxTokens, rule, random })) {
    tokens.push(...block);
    yield { slots: settledCanvas(tokens).slots };
  }
  return { tokens, initialLength: 0, candidates: [], alternatives: [] };
}
