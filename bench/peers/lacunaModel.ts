import { argmax } from "../../src/decode/sample.js";
import { PREFILL_CHUNK } from "../../src/engine/models/cachedVerifier.js";
import { runtimeVersion } from "../../src/engine/runtime/program.js";
import { ImportedGraph } from "../importing/importedGraph.js";
import type { PeerModel, PeerSetting } from "./peerModel.js";

/** The graph of a models folder as the engine runs it: the same runtime and options, prompts read in passes of the same length. */
export async function lacunaModel({ model, threads, contextTokens }: PeerSetting): Promise<PeerModel> {
  const graph = await ImportedGraph.load(model, contextTokens, threads);
  const { vocabSize, weights, cache } = graph.entry;
  let logits = new Float32Array(0);
  return {
    about: { runtime: `onnxruntime-node ${runtimeVersion()}`, weights, cacheType: cache.type, promptPassTokens: PREFILL_CHUNK },
    promptPassTokens: PREFILL_CHUNK,
    async pass(tokens, past, rows) {
      const asked = Array.from({ length: rows }, (_, row) => tokens.length - rows + row);
      logits = (await graph.pass(tokens, past, asked)) as Float32Array<ArrayBuffer>;
    },
    likeliest: () => Promise.resolve(argmax(logits, logits.length - vocabSize, vocabSize)),
  };
}
