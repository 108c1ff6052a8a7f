import path from "node:path";
import { median } from "../../src/base/median.js";
import { decodeAutoregressively } from "../../src/decode/autoregressive.js";
import { createRandom } from "../../src/base/random.js";
import { KvCache } from "../../src/engine/models/kvCache.js";
import type { Pair } from "../../src/engine/models/pair.js";
import { bufferOf, Program, type Buffer } from "../../src/engine/runtime/program.js";
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
export async function measureOverhead(models: Pair, modelsDir: string, places: readonly MeasuredPlace[]): Promise<Overhead> {
  const { entry, exact, plain } = models.verifier;
  const program = await Program.create(path.join(modelsDir, entry.graph.path), models.report.threads, "cpu");
  const cache = new KvCache(entry.cache);
  await cache.reserve(Math.max(...places.map(({ layout }) => layout.prompt.length)) + MOST_TOKENS);
  const logits = bufferOf({ type: "float32", data: new Float32Array(entry.vocabSize) }, [1, entry.vocabSize]);
  const bare = async (past: number, tokens: number): Promise<number> => {
    const start = performance.now();
    for (let at = past; at < past + tokens; at += 1) await program.run(onePass(at, cache), { logits, ...cache.presents });
    return (performance.now() - start) / tokens;
  };
  const pairs: { ar: number; bare: number; tokens: number }[] = [];
  for (const { layout } of places) {
    await exact.prefill({ layout, written: [] });
    const options = { maxTokens: MOST_TOKENS, rule: { temperature: 0, topP: 1 }, random: createRandom(1) };
    const start = performance.now();
    let tokens = 0;
    for await (const part of decodeAutoregressively(plain, layout, options)) tokens += part.length;
    const ar = (performance.now() - start) / Math.max(1, tokens);
    const bareMs = await bare(layout.prompt.length, Math.max(1, tokens));
    // The end of a text costs a pass that gives no token: short texts would show that, not the overhead.
    if (tokens === MOST_TOKENS) pairs.push({ ar, bare: bareMs, tokens });
  }
  await program.release();
  return {
    arMs: median(pairs.map(({ ar }) => ar)),
    bareMs: median(pairs.map((pair) => pair.bare)),
    speedShare: median(pairs.map((pair) => pair.bare / pair.ar)),
    tokens: pairs.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function onePass(past: number, cache: KvCache): Record<string, Buffer> {
  return {
    tokens: bufferOf({ type: "int64", data: BigInt64Array.of(BigInt(300 + (past % 900))) }, [1, 1]),
    rows: bufferOf({ type: "int64", data: BigInt64Array.of(0n) }, [1]),
    seqlens_k: bufferOf({ type: "int32", data: Int32Array.of(past) }, [1]),
    total_length: bufferOf({ type: "int32", data: Int32Array.of(past + 1) }, []),
    ...cache.pasts,
  };
}
