import { BATCH_TOKENS, openLlama } from "./llamaPackage.js";
import { llamaWriter } from "./llamaWriter.js";
import type { PeerModel, PeerSetting, Writer } from "./peerModel.js";

/** A GGUF file in llama.cpp, on the processor, from a prebuilt binary: nothing is compiled or downloaded. All else as by default. */
export async function llamaModel({ model, packageFolder, threads, contextTokens }: PeerSetting): Promise<PeerModel> {
  const { llama, file, lookUp } = await openLlama(packageFolder, model, threads);
  const context = await file.createContext({ contextSize: contextTokens, batchSize: BATCH_TOKENS, sequences: 1, threads });
  const batches = context._ctx;
  if (batches.getThreads() !== threads) throw new Error(`llama.cpp took ${batches.getThreads()} threads, not ${threads}`);
  const sampler = new llama._bindings.AddonSampler(file._model);
  sampler.applyConfig({ temperature: 0 });
  let lastRow = 0;
  let writer: Promise<Writer> | undefined;
  const { llamaCppRelease, buildType, systemInfo } = llama;
  const release = `${llamaCppRelease.repo} ${llamaCppRelease.release}`;
  return {
    about: { release, buildType, systemInfo, flashAttention: context.flashAttention, cacheType: "float16", promptPassTokens: BATCH_TOKENS },
    promptPassTokens: BATCH_TOKENS,
    async pass(tokens, past, rows) {
      batches.removeTokenCellsFromSequence(0, past, -1);
      batches.initBatch(tokens.length);
      const asked = Uint32Array.from({ length: rows }, (_, row) => tokens.length - rows + row);
      lastRow = batches.addToBatch(0, past, Uint32Array.from(tokens), asked)[rows - 1];
      await batches.decodeBatch();
    },
    likeliest: () => batches.sampleToken(lastRow, sampler),
    write: async (prompt, maxTokens, hasDrafts) =>
      (await (writer ??= llamaWriter(file, lookUp, contextTokens, threads)))(prompt, maxTokens, hasDrafts),
  };
}
