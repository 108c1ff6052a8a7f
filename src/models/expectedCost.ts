import type { CatalogueEntry } from "./catalogue.js";

/** How fast a model was on a machine. */
export interface MeasuredSpeed {
  readonly parameters: number;
  /** One token after the other, without drafts. */
  readonly msPerToken: number;
  /** Reading a prompt. */
  readonly promptTokensPerSecond: number;
}

/**
 * Qwen2.5-Coder 1.5B in rows of 8 bits, as it is imported, on two cores of an AMD EPYC with AVX512-VNNI, in two threads.
 * Better is a measurement of this machine, wherever there is one.
 */
export const REFERENCE_SPEED: MeasuredSpeed = { parameters: 1_543_714_304, msPerToken: 60, promptTokensPerSecond: 340 };

/** How fast the reference machine's one core reads memory, as `readRate` measures it. */
export const REFERENCE_READ_RATE = 36e9;

export interface ExpectedCost {
  /** The engine's memory with this model and a context of `CONTEXT_TOKENS`. */
  readonly memoryBytes: number;
  readonly msPerToken: number;
  readonly promptTokensPerSecond: number;
}

/** Context that the memory is stated for. */
export const CONTEXT_TOKENS = 4096;
/** Graph, tokenizer and the room of a pass. */
const BASE_BYTES = 200e6;
/** Weights are stored in slightly larger blocks than in the file that is imported, and some twice, for passes of different width. */
const WEIGHT_FACTOR = 1.3;
const CACHE_ELEMENT_BYTES = 4;

/**
 * What a model will take, before anybody has it. Both times grow with the parameters: a pass over one token reads every weight once,
 * and a pass over many does one multiplication for each weight and token.
 *
 * @param measured a model that was measured on this machine, or one elsewhere
 * @param machineFactor how many times as fast this machine is as the one that was measured; 1: it is that one
 * @param weightFactor how much larger the weights are in memory than in `bytes`; 1 for a model that is imported already
 */
export function expectedCost(
  { bytes, parameters, layers, kvHeads, headDim }: Pick<CatalogueEntry, "bytes" | "parameters" | "layers" | "kvHeads" | "headDim">,
  measured: MeasuredSpeed = REFERENCE_SPEED,
  machineFactor = 1,
  weightFactor = WEIGHT_FACTOR,
): ExpectedCost {
  const times = parameters / measured.parameters / machineFactor;
  const cacheBytes = 2 * layers * kvHeads * headDim * CACHE_ELEMENT_BYTES * CONTEXT_TOKENS;
  return {
    memoryBytes: weightFactor * bytes + cacheBytes + BASE_BYTES,
    msPerToken: measured.msPerToken * times,
    promptTokensPerSecond: measured.promptTokensPerSecond / times,
  };
}
