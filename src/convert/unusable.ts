import { LacunaError } from "../protocol/errors.js";

const REMEDY = "Use a Hugging Face folder of the Qwen2 family, complete and unchanged.";

/** The error of every checkpoint that cannot be converted; `what` completes "The checkpoint ...". */
export function unusable(what: string, cause?: unknown): LacunaError {
  return new LacunaError("checkpointUnusable", `The checkpoint ${what}.`, REMEDY, cause);
}
