import type { Checkpoint } from "../sources/checkpoint.js";
import { SPARE_POSITIONS } from "../../protocol/sparePositions.js";
import { tensorShapes } from "../sources/network.js";
import type { WeightPlan } from "./matrixStore.js";

/** Bytes of one weight, scales included, never too few. */
const BYTES = { fp32: 4, int8: 1.26, int4: 0.76, mixed: 1.26, rows: 1.01, fourBits: 0.68, eightBits: 1.13 } as const;

/** Bytes that a model will take, never too few. */
export function estimateBytes({ network, tensor }: Checkpoint, plan: WeightPlan): number {
  let bytes = 4 * network.headDim * (network.contextTokens + SPARE_POSITIONS) + (8 << 20);
  for (const [name, [rows, columns]] of tensorShapes(network)) {
    const isHead = name === "lm_head.weight" || name === "model.embed_tokens.weight";
    const isFourBits = plan === "stored" && !isHead && tensor(name, rows, columns).type.startsWith("Q4");
    const weight =
      rows === 1 || plan === "fp32" ? BYTES.fp32 : plan === "stored" ? BYTES[isFourBits ? "fourBits" : "eightBits"] : BYTES[isHead ? "int8" : plan];
    bytes += rows * columns * weight;
    // In rows, a tied matrix is stored as the embedding and as the head.
    if (plan === "rows" && network.tiedEmbedding && isHead) bytes += rows * columns * BYTES.rows;
  }
  return Math.ceil(bytes);
}
