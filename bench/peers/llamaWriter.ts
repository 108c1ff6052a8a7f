import { BATCH_TOKENS, type LlamaFile, type LookUp } from "./llamaPackage.js";
import type { Writer } from "./peerModel.js";

/**
 * The loop of node-llama-cpp, one token a pass or with the drafts that it offers without a second model: what followed the same tokens in the
 * prompt, three tokens at most, as by default.
 */
export async function llamaWriter(file: LlamaFile, lookUp: LookUp, contextTokens: number, threads: number): Promise<Writer> {
  // A sequence drafts or it does not.
  const context = await file.createContext({ contextSize: 2 * contextTokens, batchSize: BATCH_TOKENS, sequences: 2, threads });
  const drafter = new lookUp();
  const plain = context.getSequence();
  const drafted = context.getSequence({ tokenPredictor: drafter });
  return async (prompt, maxTokens, hasDrafts) => {
    const sequence = hasDrafts ? drafted : plain;
    await sequence.clearHistory();
    drafter.updateInputTokens(prompt);
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(0, -1));
    const { validated, refuted } = sequence.tokenPredictions;
    const tokens: number[] = [];
    const start = performance.now();
    for await (const token of sequence.evaluate(prompt.slice(-1), { temperature: 0, yieldEogToken: true })) {
      if (file.isEogToken(token)) break;
      tokens.push(token);
      if (tokens.length === maxTokens) break;
    }
    const ms = performance.now() - start;
    const after = sequence.tokenPredictions;
    const accepted = after.validated - validated;
    return { tokens, ms, drafted: accepted + after.refuted - refuted, accepted };
  };
}
