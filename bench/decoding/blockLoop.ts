import { median } from "../../src/base/median.js";
import { infillByBlocks } from "../../src/decode/infill/blockDiffusion.js";
import type { Diffuser } from "../../src/decode/diffuser.js";
import { infillFixedLength } from "../../src/decode/infill/fixedLength.js";
import type { Layout } from "../../src/decode/sequence.js";
import type { InfillDecoder, InfillTask } from "../../src/decode/infill/infillTask.js";
import { createRandom } from "../../src/base/random.js";
import { allAbove, mostConfident } from "../../src/decode/infill/slotReading.js";
import type { Pair } from "../../src/engine/models/pair.js";
import { MOST_TOKENS, type MeasuredPlace } from "./places.js";

const BLOCK_SLOTS = 32;
const SURE = 0.9;
const LEAST_TOKENS = 48;

/** Decoding by cached blocks against a fixed canvas of the same length. */
export interface BlockLoop {
  /** Token positions that a fixed canvas computes, one commit a pass and nothing cached, to one of the block loop; median. */
  readonly positionsRatio: number;
  /** The same where the fixed canvas has our cached context. */
  readonly positionsRatioCached: number;
  /** Time of the fixed canvas, with our cached context, to that of the block loop; median. */
  readonly timeRatioCached: number;
  readonly tokens: number;
}

/** As published in dLLM-Var (arXiv 2510.24605): blocks of 32, slots above 0.9 together; and one slot a pass over all of the canvas. */
export async function measureBlockLoop({ diffuser, verifier }: Pair, places: readonly MeasuredPlace[]): Promise<BlockLoop> {
  if (diffuser === undefined) throw new Error("There is no diffuser to measure.");
  const { model, entry } = diffuser;
  const forbidden = [...verifier.entry.ends, ...verifier.entry.forbidden];
  const rows: { full: number; cached: number; time: number; tokens: number }[] = [];
  for (const { layout } of places) {
    await model.prefill({ layout, written: [] });
    const tail = [entry.canvas.meets, ...layout.suffixHead];
    const task = taskOf(layout, tail, forbidden);
    const blocks = await counted(model, (counting) => infillByBlocks(counting, task, entry.canvas.end, BLOCK_SLOTS, allAbove(SURE)));
    const length = blocks.tokens;
    const fixed = await counted(model, (counting) => infillFixedLength(counting, task, length, mostConfident));
    // Each finished block is read once more, as context.
    const positions = blocks.positions + length;
    rows.push({
      full: (length * (layout.prompt.length + length + tail.length)) / positions,
      cached: fixed.positions / positions,
      time: fixed.ms / blocks.ms,
      tokens: length,
    });
  }
  return {
    positionsRatio: median(rows.map(({ full }) => full)),
    positionsRatioCached: median(rows.map(({ cached }) => cached)),
    timeRatioCached: median(rows.map(({ time }) => time)),
    tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function taskOf(layout: Layout, tail: readonly number[], forbidden: readonly number[]): InfillTask {
  const rule = { temperature: 0, topP: 1 };
  return { layout, tail, flexibleTail: tail, minTokens: LEAST_TOKENS, maxTokens: MOST_TOKENS, forbidden, rule, random: createRandom(1) };
}

interface Counted {
  readonly positions: number;
  readonly ms: number;
  readonly tokens: number;
}

async function counted(diffuser: Diffuser, decoderOf: (counting: Diffuser) => InfillDecoder): Promise<Counted> {
  let positions = 0;
  const { vocabSize, maskId, sepId, maxSlots } = diffuser;
  const denoise: Diffuser["denoise"] = (sequence, canvases) => {
    positions += canvases.reduce((sum, { slots, tail }) => sum + slots.length + tail.length, 0);
    return diffuser.denoise(sequence, canvases);
  };
  const start = performance.now();
  const decoder = decoderOf({ vocabSize, maskId, sepId, maxSlots, denoise });
  let step = await decoder.next();
  while (step.done !== true) step = await decoder.next();
  return { positions, ms: performance.now() - start, tokens: step.value.tokens.length };
}
