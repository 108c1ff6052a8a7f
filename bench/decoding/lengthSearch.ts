import { median } from "../../src/base/median.js";
import { probeCanvases } from "../../src/decode/infill/lengthProbe.js";
import { probeLengths } from "../../src/decode/infill/lengthScore.js";
import { layoutOf } from "../../src/decode/sequence.js";
import { probeTokens } from "../../src/engine/models/probeTokens.js";
import type { Pair } from "../../src/engine/models/pair.js";
import { CONTEXT_TOKENS, type MeasuredPlace } from "./places.js";

/** What scoring all lengths costs, in passes over the whole context. */
export interface LengthSearch {
  readonly stageOneMs: number;
  readonly contextMs: number;
  /** Median over places. */
  readonly contextPasses: number;
}

/** Stage I of LR-DLLM on a cached context, against reading a context of the same length anew. */
export async function measureLengthSearch({ diffuser: loaded }: Pair, places: readonly MeasuredPlace[]): Promise<LengthSearch> {
  if (loaded === undefined) throw new Error("There is no diffuser to measure.");
  const { model: diffuser, entry } = loaded;
  const lengths = probeLengths(1, diffuser.maxSlots);
  const stageOne: number[] = [];
  const context: number[] = [];
  for (const [index, { layout }] of places.entries()) {
    const tokens = layoutOf(layout.prompt.slice(0, CONTEXT_TOKENS));
    const foreign = probeTokens(CONTEXT_TOKENS, diffuser.vocabSize).map((token) => (token + index + 1) % diffuser.vocabSize);
    const start = performance.now();
    await diffuser.prefill({ layout: layoutOf(foreign), written: [] });
    context.push(performance.now() - start);
    await diffuser.prefill({ layout: tokens, written: [] });
    const cached = performance.now();
    await probeCanvases(diffuser, { layout: tokens, written: [] }, [entry.canvas.meets, ...layout.suffixHead], lengths);
    stageOne.push(performance.now() - cached);
  }
  return {
    stageOneMs: median(stageOne),
    contextMs: median(context),
    contextPasses: median(stageOne.map((ms, index) => ms / context[index])),
  };
}
