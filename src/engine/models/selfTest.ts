import type { SelfTest } from "../../protocol/messages.js";
import type { OnnxModel } from "./onnxModel.js";
import { canvasLayout } from "./onnxDiffuser.js";
import { probeTokens } from "./probeTokens.js";

/**
 * Checks that a pass writes the caller's memory although the binding ends it with an error. If it does not, the
 * session falls back to copying outputs: slower, same numbers.
 */
export async function testInPlace(model: OnnxModel): Promise<SelfTest> {
  const name = `in-place outputs (${model.facts.role})`;
  const run = async (): Promise<Float32Array> => {
    const tokens = probeTokens(4, model.facts.vocabSize);
    const isDiffuser = model.facts.role === "diffuser";
    model.cache.rewind(0);
    return (await model.forward(tokens, 0, [3], isDiffuser ? canvasLayout(0, 4, [], 4) : undefined)).slice();
  };
  model.inPlace = false;
  const copied = await run();
  model.inPlace = true;
  model.poison();
  try {
    const written = await run();
    if (equalBits(written, copied)) return { name, ok: true, detail: "outputs are written in place" };
  } catch {
    // The runtime refuses the sequence output: the same verdict as wrong numbers.
  }
  model.inPlace = false;
  return { name, ok: false, detail: "outputs are copied, which is slower" };
}

/** Padding that makes logits independent of how a sequence is split into passes, with the test that says so. */
export interface Invariance {
  readonly multiple: number;
  readonly test: SelfTest;
}

/**
 * Finds the padding under which logits are bit-identical for different splits of one sequence: multiples of 4 where
 * the processor's kernels allow it, else passes of 32 and its multiples.
 */
export async function testInvariance(verifier: OnnxModel): Promise<Invariance> {
  const name = "logits do not depend on the split into passes";
  for (const multiple of [4, 32]) {
    if (await isInvariant(verifier, multiple)) {
      return { multiple, test: { name, ok: true, detail: `passes are padded to multiples of ${multiple}` } };
    }
  }
  return { multiple: 32, test: { name, ok: false, detail: "drafting may differ from plain decoding in rare near-ties" } };
}

async function isInvariant(model: OnnxModel, multiple: number): Promise<boolean> {
  const length = 96;
  const tokens = probeTokens(length, model.facts.vocabSize);
  const splits = [[length], [multiple, length - multiple], [64, length - 64], [32, 32, length - 64], [64, multiple, length - 64 - multiple]];
  let first: Float32Array | undefined;
  for (const split of splits) {
    let past = 0;
    let logits = new Float32Array(0);
    for (const size of split.filter((part) => part > 0)) {
      // The last four positions: every split ends with a pass of at least four tokens.
      const rows = [size - 4, size - 3, size - 2, size - 1];
      logits = (await model.forward(tokens.slice(past, past + size), past, rows)).slice();
      past += size;
    }
    first ??= logits;
    if (!equalBits(first, logits)) return false;
  }
  return true;
}

function equalBits(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}
