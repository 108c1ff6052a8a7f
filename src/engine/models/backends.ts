import type { DoctorResult } from "../../protocol/messages.js";
import { processorReference, tryDevice, tryProcessor, type TrialModel } from "./deviceTrial.js";
import { listSupportedBackends } from "../runtime/program.js";

/** Runs the models on every backend that was compiled in, and compares the logits of the others with the processor's. */
export async function tryBackends(models: readonly TrialModel[]): Promise<DoctorResult["backends"]> {
  const reference = processorReference(models);
  const results: { name: string; ok: boolean; detail: string }[] = [];
  for (const { name } of listSupportedBackends()) {
    const { ok, detail } = name === "cpu" ? await tryProcessor(reference) : await tryDevice(name, models, reference);
    results.push({ name, ok, detail });
  }
  return results;
}
