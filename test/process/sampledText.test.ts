import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decodeAutoregressively, type CompletionOptions } from "../../src/decode/autoregressive.js";
import { fixedBlock } from "../../src/decode/draft/blockSize.js";
import { rowConfidence } from "../../src/decode/infill/confidence.js";
import { DiffusionDrafter } from "../../src/decode/draft/draft.js";
import { lookupDrafter } from "../../src/decode/draft/lookupDraft.js";
import { createRandom } from "../../src/base/random.js";
import { layoutOf, type Layout } from "../../src/decode/sequence.js";
import { speculate } from "../../src/decode/draft/speculate.js";
import type { LoadedDiffuser } from "../../src/engine/models/loadedDiffuser.js";
import { loadPair, type LoadedVerifier } from "../../src/engine/models/pair.js";
import { testPair } from "../models/testPair.js";

const SAMPLES = 160;
const TOKENS = 10;
const TEMPERATURE = 0.8;
/** Chance goes beyond this many standard errors less than once in 15,000 times. */
const FAR = 4;

describe("sampled text", () => {
  let verifier: LoadedVerifier;
  let diffuser: LoadedDiffuser;
  let layout: Layout;
  let plain: number[];

  before(async () => {
    const pair = await loadPair({ modelsDir: testPair, threads: 1, device: "cpu" });
    ({ verifier } = pair);
    diffuser = pair.diffuser ?? assert.fail("there is no diffuser");
    layout = layoutOf(verifier.tokenizer.encode(readFileSync("media/demo/example.py", "utf8")).slice(0, 200));
    plain = await scores(TEMPERATURE, 1, "ar");
  });

  it("has the same distribution of log-probabilities with drafts as without", async () => {
    const drafted = await scores(TEMPERATURE, 1 + SAMPLES, "deer");
    assert.ok(Math.abs(distance(plain, drafted)) < FAR, `${distance(plain, drafted)} standard errors apart`);
  });

  it("is told apart from text of another temperature by the same measure", async () => {
    const colder = await scores(0.5, 1 + 2 * SAMPLES, "deer");
    assert.ok(Math.abs(distance(plain, colder)) > FAR, `only ${distance(plain, colder)} standard errors apart`);
  });

  /** The log-probabilities of one text for each seed. */
  async function scores(temperature: number, firstSeed: number, decoder: "ar" | "deer"): Promise<number[]> {
    const rule = { temperature, topP: 1 };
    const results: number[] = [];
    for (let seed = firstSeed; seed < firstSeed + SAMPLES; seed += 1) {
      const options: CompletionOptions = { maxTokens: TOKENS, rule, random: createRandom(seed) };
      const drafter = new DiffusionDrafter(diffuser.model, diffuser.entry.canvas.end, rule, createRandom(seed + 1_000_000));
      const sources = [lookupDrafter(), drafter].map((each) => ({ drafter: each, blockSizer: fixedBlock(3) }));
      const parts = decoder === "ar" ? decodeAutoregressively(verifier.exact, layout, options) : speculate(verifier.exact, layout, sources, options);
      const tokens: number[] = [];
      for await (const part of parts) tokens.push(...part);
      results.push(await logProbability(tokens));
    }
    return results;
  }

  /** Of `tokens` behind the prompt, at temperature 1, nats. */
  async function logProbability(tokens: readonly number[]): Promise<number> {
    const { vocabSize } = verifier.entry;
    const logits = await verifier.exact.next({ layout, written: tokens }, tokens.length + 1);
    return tokens.reduce((sum, token, row) => sum + logits[row * vocabSize + token] - rowConfidence(logits, row * vocabSize, vocabSize).logSum, 0);
  }
});

/** How far apart two means are, in standard errors (Welch). */
function distance(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const squaredError = (values: readonly number[]): number => {
    const centre = mean(values);
    return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1) / values.length;
  };
  return (mean(a) - mean(b)) / Math.sqrt(squaredError(a) + squaredError(b));
}
