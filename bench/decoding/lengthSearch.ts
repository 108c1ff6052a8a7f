import { median } from "../../src/base/median.js";
import { probeCanvases } from "../../src/decode/infill/lengthProbe.js";
import { probeLengths } from "../../src/decode/infill/lengthScore.js";
import { probeTokens } from "../../src/engine/models/probeTokens.js";
import type { LoadedModels } from "../../src/engine/models/loadedModels.js";
import { CONTEXT_TOKENS, type MeasuredPlace } from "./places.js";

/** What scoring all lengths costs, in passes over the whole context. */
export interface LengthSearch {
  readonly stageOneMs: number;
  readonly contextMs: number;
  /** Median over places. */
  readonly contextPasses: number;
}

/** Stage I of LR-DLLM on a cached context, against reading a context of the same length anew. */
export async function measureLengthSearch({ diffuser, manifest }: LoadedModels, places: readonly MeasuredPlace[]): Promise<LengthSearch> {
  const { fimSuffix } = manifest.specialIds;
  const lengths = probeLengths(1, diffuser.maxSlots);
  const stageOne: number[] = [];
  const context: number[] = [];
  for (const [index, { prompt }] of places.entries()) {
    const tokens = prompt.tokens.slice(0, CONTEXT_TOKENS);
    const foreign = probeTokens(CONTEXT_TOKENS, diffuser.vocabSize).map((token) => (token + index + 1) % diffuser.vocabSize);
    const start = performance.now();
    await diffuser.prefill(foreign);
    context.push(performance.now() - start);
    await diffuser.prefill(tokens);
    const cached = performance.now();
    await probeCanvases(diffuser, tokens, [fimSuffix, ...prompt.suffixHead], lengths);
    stageOne.push(performance.now() - cached);
  }
  return {
    stageOneMs: median(stageOne),
    contextMs: median(context),
    contextPasses: median(stageOne.map((ms, index) => ms / context[index])),
  };
}
