import path from "node:path";
import { median } from "../../src/base/median.js";
import { decodeAutoregressively } from "../../src/decode/autoregressive.js";
import { MarkedVerifier } from "../../src/decode/markedVerifier.js";
import { createRandom } from "../../src/base/random.js";
import { KvCache } from "../../src/engine/models/kvCache.js";
import type { LoadedModels } from "../../src/engine/models/loadedModels.js";
import { OnnxSession, tensor, type SessionTensor } from "../../src/engine/runtime/onnxSession.js";
import { SPARE_POSITIONS } from "../../src/protocol/sparePositions.js";
import { MOST_TOKENS, type MeasuredPlace } from "./places.js";

/** What decoding adds to the passes themselves. */
export interface Overhead {
  /** Milliseconds a token, medians over places. */
  readonly arMs: number;
  readonly bareMs: number;
  /** Median over places of the tokens/s of `ar` as a share of the bare loop's, both at the same positions. */
  readonly speedShare: number;
  readonly tokens: number;
}

/**
 * Plain decoding against a loop that does nothing but call the runtime: the same graph, one token a pass at the same positions,
 * no sampling, no text, no cache to look up. The two take turns at each place.
 */
export async function measureOverhead(models: LoadedModels, modelsDir: string, places: readonly MeasuredPlace[]): Promise<Overhead> {
  const { manifest, plainVerifier, verifier, verifierFacts: facts } = models;
  const { eos, fimMiddle } = manifest.specialIds;
  const session = await OnnxSession.create(path.join(modelsDir, facts.graph.path), models.report.threads, "cpu");
  const { layers, kvHeads, headDim, contextTokens, vocabSize } = facts;
  const cache = new KvCache({ layers, kvHeads, headDim, capacity: contextTokens + SPARE_POSITIONS });
  const logits = tensor({ type: "float32", data: new Float32Array(vocabSize), dims: [1, vocabSize] });
  const bare = async (past: number, tokens: number): Promise<number> => {
    const start = performance.now();
    for (let at = past; at < past + tokens; at += 1) await session.run(onePass(at, cache), { logits, ...cache.presents });
    return (performance.now() - start) / tokens;
  };
  const pairs: { ar: number; bare: number; tokens: number }[] = [];
  for (const { prompt } of places) {
    await verifier.prefill(prompt.tokens);
    const marked = new MarkedVerifier(plainVerifier, prompt.tokens.length, fimMiddle);
    const options = { eosId: eos, maxTokens: MOST_TOKENS, rule: { temperature: 0, topP: 1 }, random: createRandom(1) };
    const start = performance.now();
    let tokens = 0;
    for await (const part of decodeAutoregressively(marked, prompt.tokens, options)) tokens += part.length;
    const ar = (performance.now() - start) / Math.max(1, tokens);
    const bareMs = await bare(prompt.tokens.length, Math.max(1, tokens));
    // The end of a text costs a pass that gives no token: short texts would show that, not the overhead.
    if (tokens === MOST_TOKENS) pairs.push({ ar, bare: bareMs, tokens });
  }
  await session.release();
  return {
    arMs: median(pairs.map(({ ar }) => ar)),
    bareMs: median(pairs.map((pair) => pair.bare)),
    speedShare: median(pairs.map((pair) => pair.bare / pair.ar)),
    tokens: pairs.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function onePass(past: number, cache: KvCache): Record<string, SessionTensor> {
  return {
    tokens: tensor({ type: "int64", data: BigInt64Array.of(BigInt(300 + (past % 900))), dims: [1, 1] }),
    rows: tensor({ type: "int64", data: BigInt64Array.of(0n), dims: [1] }),
    seqlens_k: tensor({ type: "int32", data: Int32Array.of(past), dims: [1] }),
    total_length: tensor({ type: "int32", data: Int32Array.of(past + 1), dims: [] }),
    ...cache.pasts,
  };
}
