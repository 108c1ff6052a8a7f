import type { DoctorResult } from "../protocol/messages.js";
import type { ManifestModel } from "../protocol/manifest.js";
import { listSupportedBackends, runOnBackend, tensor, type SessionTensor } from "./onnxSession.js";
import { probeTokens } from "./probeTokens.js";

const PROBE_TOKENS = 16;
/** Logits of another backend may differ from the processor's by rounding, not by more. */
const TOLERANCE = 0.5;

/** Runs the verifier on every backend that was compiled in, and compares its logits with the processor's. */
export async function tryBackends(verifier: ManifestModel, graphPath: string): Promise<DoctorResult["backends"]> {
  const inputs = probeInputs(verifier);
  const reference = await runOnBackend(graphPath, "cpu", inputs, "logits");
  const results: { name: string; ok: boolean; detail: string }[] = [];
  for (const { name } of listSupportedBackends()) {
    try {
      const start = performance.now();
      const logits = await runOnBackend(graphPath, name, inputs, "logits");
      const ms = performance.now() - start;
      const difference = logits.reduce((worst, value, index) => Math.max(worst, Math.abs(value - reference[index])), 0);
      const ok = difference <= TOLERANCE;
      const detail = ok ? `ran in ${ms.toFixed(0)} ms, loading included` : `runs, but its numbers are wrong by ${difference.toFixed(2)}`;
      results.push({ name, ok, detail });
    } catch (error) {
      results.push({ name, ok: false, detail: reasonOf(error) });
    }
  }
  return results;
}

/** The last part of a runtime's message, which says why; what comes before it is file names and signatures. */
function reasonOf(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.split(/ was false\. |\) : /).at(-1) ?? line;
}

function probeInputs({ layers, kvHeads, headDim, vocabSize }: ManifestModel): Record<string, SessionTensor> {
  const m = PROBE_TOKENS;
  const tokens = BigInt64Array.from(probeTokens(m, vocabSize), BigInt);
  const inputs: Record<string, SessionTensor> = {
    tokens: tensor({ type: "int64", data: tokens, dims: [1, m] }),
    rows: tensor({ type: "int64", data: BigInt64Array.of(BigInt(m - 1)), dims: [1] }),
    seqlens_k: tensor({ type: "int32", data: Int32Array.of(m - 1), dims: [1] }),
    total_length: tensor({ type: "int32", data: Int32Array.of(m), dims: [] }),
  };
  for (let layer = 0; layer < layers; layer += 1) {
    for (const part of ["key", "value"]) {
      const data = new Float32Array(kvHeads * m * headDim);
      inputs[`past_${part}_${layer}`] = tensor({ type: "float32", data, dims: [1, kvHeads, m, headDim] });
    }
  }
  return inputs;
}
