import { LacunaError } from "../protocol/errors.js";

const REMEDY =
  "Use a .gguf file or a Hugging Face folder of the Qwen2, Qwen3 or Llama family, complete and unchanged, with plain (not scaled) rotary positions.";

/** The error of every checkpoint that cannot be imported; `what` completes "The checkpoint ...". */
export function unusable(what: string, cause?: unknown, remedy: string = REMEDY): LacunaError {
  return new LacunaError("checkpointUnusable", `The checkpoint ${what}.`, remedy, cause);
}
