import type { SelfTest } from "../../protocol/messages.js";
import { canvasLayout } from "./canvasLayout.js";
import { KvCache } from "./kvCache.js";
import type { PassRunner } from "./passRunner.js";
import { probeTokens } from "./probeTokens.js";

/**
 * Checks that a pass writes the caller's memory although the binding ends it with an error. If it does not, the
 * program falls back to copying outputs: slower, same numbers.
 *
 * @throws whatever the runtime throws where it cannot run the graph either way
 */
export async function testInPlace(runner: PassRunner): Promise<SelfTest> {
  const { role, vocabSize, cache: shape } = runner.entry;
  const name = `in-place outputs (${role})`;
  const cache = new KvCache(shape);
  const run = (): Promise<Float32Array> => {
    const attention = role === "diffuser" ? canvasLayout(0, 4, [], 4) : undefined;
    return runner.forward(cache, probeTokens(4, vocabSize), 0, [3], attention);
  };
  runner.inPlace = true;
  try {
    // The second pass meets the memory that the first one made.
    await run();
    runner.poison();
    if ((await run()).every(Number.isFinite)) return { name, ok: true, detail: "outputs are written in place" };
  } catch {
    // The runtime refuses the sequence output: the same verdict as memory that was not written.
  }
  runner.inPlace = false;
  await run();
  return { name, ok: false, detail: "outputs are copied, which is slower" };
}

/** Padding that makes logits independent of how a sequence is split into passes, with the test that says so. */
export interface Invariance {
  readonly multiple: number;
  readonly test: SelfTest;
}

/** Tokens of the sequence that is split. */
const LENGTH = 64;
/** As many rows end every split. */
const ROWS = 4;

/**
 * Finds the padding under which logits are bit-identical for different splits of one sequence: multiples of 4 where
 * the processor's kernels allow it, else passes of 32 and its multiples. Yields after each pass.
 */
export async function* invarianceSteps(verifier: PassRunner): AsyncGenerator<void, Invariance> {
  const name = "logits do not depend on the split into passes";
  for (const multiple of [4, 32]) {
    if (yield* isInvariant(verifier, multiple)) {
      return { multiple, test: { name, ok: true, detail: `passes are padded to multiples of ${multiple}` } };
    }
  }
  return { multiple: 32, test: { name, ok: false, detail: "drafting may differ from plain decoding in rare near-ties" } };
}

async function* isInvariant(runner: PassRunner, multiple: number): AsyncGenerator<void, boolean> {
  const tokens = probeTokens(LENGTH, runner.entry.vocabSize);
  const cache = new KvCache(runner.entry.cache);
  const thin = multiple <= 16 ? [[16, 16, 32]] : [];
  const splits = [[LENGTH], [multiple, LENGTH - multiple], [32, 32], ...thin, [32, multiple, 32 - multiple]];
  let first: Float32Array | undefined;
  for (const split of splits) {
    let past = 0;
    let logits = new Float32Array(0);
    for (const size of split.filter((part) => part > 0)) {
      const rows = Array.from({ length: ROWS }, (_, row) => size - ROWS + row);
      logits = (await runner.forward(cache, tokens.slice(past, past + size), past, rows)).slice();
      past += size;
      yield;
    }
    first ??= logits;
    if (!equalBits(first, logits)) return false;
  }
  return true;
}

function equalBits(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}
