import type { VerifierEntry } from "../../protocol/manifest.js";
import type { Accelerator } from "./device.js";

/** An operator that WebGPU leaves to the processor: every pass would send its inputs to and fro. */
const PRODUCT_OF_ROWS = "MatMulIntegerToFloat";

/** Why a verifier cannot run on a device, as far as its files say it. @param graph bytes of its .onnx file, in which operators stand by name */
export function hindranceOf(device: Accelerator, { cache }: VerifierEntry, graph: Uint8Array): string | undefined {
  if (device !== "webgpu") return undefined;
  if (Buffer.from(graph.buffer, graph.byteOffset, graph.length).includes(PRODUCT_OF_ROWS)) {
    return `its weights are stored in rows, for ${PRODUCT_OF_ROWS}, which runs on the processor only; import it without --weights rows`;
  }
  return cache.type === "float16" ? "its cache is made of halves" : undefined;
}
