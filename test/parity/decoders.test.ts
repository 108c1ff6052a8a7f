import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { importCheckpoint } from "../../src/convert/importCheckpoint.js";
import { infillAdaptive } from "../../src/decode/infill/adaptive.js";
import { decodeAutoregressively } from "../../src/decode/autoregressive.js";
import { infillByBlocks } from "../../src/decode/infill/blockDiffusion.js";
import { fixedBlock } from "../../src/decode/draft/blockSize.js";
import { infillCalibrated } from "../../src/decode/infill/calibratedLength.js";
import type { Diffuser } from "../../src/decode/diffuser.js";
import { DiffusionDrafter } from "../../src/decode/draft/draft.js";
import { infillExpandDelete } from "../../src/decode/infill/expandDelete.js";
import { infillFixedLength } from "../../src/decode/infill/fixedLength.js";
import type { InfillDecoder, InfillTask } from "../../src/decode/infill/infillTask.js";
import { infillLengthRegularized } from "../../src/decode/infill/lengthRegularized.js";
import { createRandom } from "../../src/base/random.js";
import { allAbove, mostConfident } from "../../src/decode/infill/slotReading.js";
import { speculate } from "../../src/decode/draft/speculate.js";
import { layoutOf } from "../../src/decode/sequence.js";
import type { LoadedDiffuser } from "../../src/engine/models/loadedDiffuser.js";
import { loadPair, type LoadedVerifier } from "../../src/engine/models/pair.js";
import { judgeOf } from "../../src/engine/serve/infillMethod.js";
import { tinyCheckpoint } from "../unit/convert/checkpointFolder.js";

interface Trace {
  readonly tokens: readonly number[];
  readonly steps: readonly (readonly (number | null)[])[];
  readonly forwards: number;
}
type Case = Fixture["cases"][number];
interface Fixture {
  readonly settings: {
    maxTokens: number;
    block: number;
    mostSlots: number;
    bias: { a: number; b: number; c: number; d: number; e: number };
  };
  readonly cases: readonly { context: number[]; head: number[]; before: string; after: string; runs: Record<string, Trace> }[];
}

const { settings, cases } = JSON.parse(readFileSync(path.join(tinyCheckpoint, "decoders.json"), "utf8")) as Fixture;
const { maxTokens, block, mostSlots, bias } = settings;
const rule = { temperature: 0, topP: 1 };

let folder: string;
let verifier: LoadedVerifier;
let loaded: LoadedDiffuser;
let diffuser: Diffuser;
let passes = 0;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-decoders-"));
  for (const role of ["verifier", "diffuser"] as const) {
    await importCheckpoint({ source: tinyCheckpoint, out: folder, role, weights: "fp32", name: role, licence: "MIT", origin: "random" });
  }
  const pair = await loadPair({ modelsDir: folder, threads: 1, device: "cpu" });
  ({ verifier } = pair);
  loaded = pair.diffuser ?? assert.fail("there is no diffuser");
  const { vocabSize, maskId, sepId } = loaded.model;
  diffuser = {
    ...{ vocabSize, maskId, sepId },
    // The reference allows fewer slots than the graph, so that its limits are met.
    maxSlots: mostSlots,
    denoise: (sequence, canvases) => {
      passes += 1;
      return loaded.model.denoise(sequence, canvases);
    },
  };
});
after(() => rmSync(folder, { recursive: true }));

function taskOf({ context, head }: Case): InfillTask {
  const { ends, forbidden } = verifier.entry;
  const { meets, flexible = meets } = loaded.entry.canvas;
  const tails = { tail: [meets, ...head], flexibleTail: [flexible, ...head] };
  return { layout: layoutOf(context), ...tails, minTokens: 1, maxTokens, forbidden: [...ends, ...forbidden], rule, random: createRandom(0) };
}

async function traced(decoder: InfillDecoder): Promise<Trace> {
  const steps: (number | null)[][] = [];
  passes = 0;
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { tokens: step.value.tokens, steps, forwards: passes };
    steps.push(step.value.slots.map(({ token }) => token ?? null));
  }
}

const infills: Record<string, (task: InfillTask, around: Case) => InfillDecoder> = {
  fixed: (task) => infillFixedLength(diffuser, task, 7, mostConfident),
  dreamon: (task) =>
    infillExpandDelete(diffuser, task, { expand: loaded.entry.canvas.expand ?? NaN, delete: loaded.entry.canvas.end }, 5, mostConfident),
  lr: (task) => infillLengthRegularized(diffuser, task),
  cal: (task) => infillCalibrated(diffuser, task, bias),
  // The product's own judge, penalties included.
  auto: (task, { before: prefix, after: suffix }) =>
    infillAdaptive(diffuser, task, judgeOf(verifier, { prefix, suffix, maxLines: undefined }, task.layout), () => false),
  block: (task) => infillByBlocks(diffuser, task, loaded.entry.canvas.end, block, allAbove(0.2)),
};

describe("decoders against the plain Python reference", () => {
  for (const [name, decoder] of Object.entries(infills)) {
    it(`${name} shows the same canvas after every pass and writes the same tokens in as many passes`, async () => {
      for (const each of cases) {
        const { runs } = each;
        const { tokens, steps, forwards } = await traced(decoder(taskOf(each), each));
        assert.deepEqual(steps, runs[name].steps);
        assert.deepEqual([tokens, forwards], [runs[name].tokens, runs[name].forwards]);
      }
    });
  }

  it("ar writes the same tokens", async () => {
    for (const { context, runs } of cases) {
      const decoder = decodeAutoregressively(verifier.exact, layoutOf(context), { maxTokens, rule, random: createRandom(0) });
      const tokens: number[] = [];
      for await (const part of decoder) tokens.push(...part);
      assert.deepEqual(tokens, runs.ar.tokens);
    }
  });

  it("deer writes what ar writes, in the same blocks", async () => {
    for (const { context, runs } of cases) {
      const drafter = new DiffusionDrafter(diffuser, loaded.entry.canvas.end, rule, createRandom(0));
      const sources = [{ drafter, blockSizer: fixedBlock(block) }];
      const decoder = speculate(verifier.exact, layoutOf(context), sources, { maxTokens, rule, random: createRandom(0) });
      const blocks: number[][] = [];
      for await (const part of decoder) blocks.push([...part]);
      assert.deepEqual(blocks.flat(), runs.ar.tokens);
      assert.deepEqual(
        blocks,
        runs.deer.steps.filter((step) => step.length > 0),
      );
    }
  });
});
