import type { DecoderEntry } from "../../protocol/manifest.js";
import { canvasLayout } from "./canvasLayout.js";
import { bufferOf, runOnBackend, type Buffer } from "../runtime/program.js";
import { probeTokens } from "./probeTokens.js";

/** More than 32: some software adapters compute attention over fewer keys rightly and over more of them wrongly. */
const PROBE_TOKENS = 64;
/** Logits of another device may differ from the processor's by rounding, not by more. */
const TOLERANCE = 0.5;

/** A model with the path of its graph. */
export interface TrialModel {
  readonly entry: DecoderEntry;
  readonly graphPath: string;
}

/** What trying a device came to. */
export interface DeviceTrial {
  readonly ok: boolean;
  /** Why not, or how it went. */
  readonly detail: string;
  /** A second pass over 64 tokens by all models together; Infinity if not `ok`. */
  readonly passMs: number;
}

/** The processor's own logits and time, which the other devices are held against. */
export interface Reference {
  readonly logits: readonly Float32Array[];
  readonly passMs: number;
}

/** Runs every model on the processor, the first time it is called. */
export function processorReference(models: readonly TrialModel[]): () => Promise<Reference> {
  let reference: Promise<Reference> | undefined;
  return () => (reference ??= runOnProcessor(models));
}

async function runOnProcessor(models: readonly TrialModel[]): Promise<Reference> {
  const logits: Float32Array[] = [];
  let passMs = 0;
  for (const { entry, graphPath } of models) {
    const run = await runOnBackend(graphPath, "cpu", probeInputs(entry), "logits");
    logits.push(run.output);
    passMs += run.warmMs;
  }
  return { logits, passMs };
}

/** Runs every model on the processor, which nothing is compared with. */
export async function tryProcessor(reference: () => Promise<Reference>): Promise<DeviceTrial> {
  try {
    const { passMs } = await reference();
    return { ok: true, detail: `${passMs.toFixed(1)} ms for a pass over ${PROBE_TOKENS} tokens`, passMs };
  } catch (error) {
    return { ok: false, detail: reasonOf(error), passMs: Infinity };
  }
}

/**
 * Runs every model on `device` alone and compares its numbers with the processor's. Does not throw for what the device does.
 *
 * @param reference asked for only once the device has run a model: most have none to ask
 */
export async function tryDevice(device: string, models: readonly TrialModel[], reference: () => Promise<Reference>): Promise<DeviceTrial> {
  let passMs = 0;
  let processorMs = 0;
  try {
    for (const [index, { entry, graphPath }] of models.entries()) {
      const run = await runOnBackend(graphPath, device, probeInputs(entry), "logits");
      const processor = await reference();
      processorMs = processor.passMs;
      const expected = processor.logits[index];
      const difference = run.output.reduce((worst, value, at) => Math.max(worst, Math.abs(value - expected[at])), 0);
      // Not `difference > TOLERANCE`: NaN must fail.
      if (!(difference <= TOLERANCE)) {
        return { ok: false, detail: `the ${entry.role} runs, but its numbers are wrong by ${difference.toFixed(2)}`, passMs: Infinity };
      }
      passMs += run.warmMs;
    }
  } catch (error) {
    return { ok: false, detail: reasonOf(error), passMs: Infinity };
  }
  return { ok: true, detail: `${passMs.toFixed(1)} ms for what the processor does in ${processorMs.toFixed(1)}`, passMs };
}

/** The last part of a runtime's message, which says why; what comes before it is file names and signatures. */
function reasonOf(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.split(/ was false\. |\) : /).at(-1) ?? line;
}

function probeInputs({ role, cache, vocabSize }: DecoderEntry): Record<string, Buffer> {
  const { layers, kvHeads, headDim } = cache;
  const m = PROBE_TOKENS;
  const tokens = BigInt64Array.from(probeTokens(m, vocabSize), BigInt);
  const inputs: Record<string, Buffer> = {
    tokens: bufferOf({ type: "int64", data: tokens }, [1, m]),
    rows: bufferOf({ type: "int64", data: BigInt64Array.of(BigInt(m - 1)) }, [1]),
    seqlens_k: bufferOf({ type: "int32", data: Int32Array.of(m - 1) }, [1]),
    total_length: bufferOf({ type: "int32", data: Int32Array.of(m) }, []),
  };
  if (role === "diffuser") {
    const half = m / 2;
    const { bias, positions } = canvasLayout(0, half, [{ slots: new Array<number>(half).fill(0), tail: [] }], m);
    inputs.positions = bufferOf({ type: "int64", data: positions }, [1, m]);
    inputs.bias = bufferOf({ type: "float32", data: bias }, [1, 1, m, m]);
  }
  for (let layer = 0; layer < layers; layer += 1) {
    for (const part of ["key", "value"]) {
      const data = new Float32Array(kvHeads * m * headDim);
      inputs[`past_${part}_${layer}`] = bufferOf({ type: "float32", data }, [1, kvHeads, m, headDim]);
    }
  }
  return inputs;
}
