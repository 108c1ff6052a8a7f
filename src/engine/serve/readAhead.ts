import type { ReadAheadParams, ReadAheadResult } from "../../protocol/messages.js";
import type { Pair } from "../models/pair.js";
import { Cancelled } from "../passGate.js";
import { healedPrompt } from "./prompt.js";

/** Tokens of one pass: a request that comes meanwhile waits for no more. Wider passes hardly read faster. */
const CHUNK = 32;

/** Reads what a completion at a place will have to read, so that its first text comes after one pass. What is cached is not read again. */
export async function readAhead(pair: Pair, params: ReadAheadParams): Promise<ReadAheadResult> {
  const start = performance.now();
  let outcome: ReadAheadResult["outcome"] = "done";
  try {
    const { layout } = healedPrompt(pair, params);
    await pair.verifier.exact.prefill({ layout, written: [] }, CHUNK);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    outcome = "cancelled";
  }
  return { outcome, passes: pair.gate.passes, ms: performance.now() - start };
}
