import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { convertCheckpoint } from "../../src/convert/convert.js";
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
import { VerifierJudge } from "../../src/decode/infill/verifierJudge.js";
import { OnnxDiffuser } from "../../src/engine/models/onnxDiffuser.js";
import { OnnxModel } from "../../src/engine/models/onnxModel.js";
import { OnnxVerifier } from "../../src/engine/models/onnxVerifier.js";
import { PassGate } from "../../src/engine/passGate.js";
import { readSpecialIds } from "../../src/convert/specialTokens.js";
import { tinyCheckpoint } from "../unit/convert/checkpointFolder.js";

interface Trace {
  readonly tokens: readonly number[];
  readonly steps: readonly (readonly (number | null)[])[];
  readonly forwards: number;
}
interface Fixture {
  readonly settings: {
    maxTokens: number;
    block: number;
    mostSlots: number;
    bias: { a: number; b: number; c: number; d: number; e: number };
    lineBreakIds: readonly number[];
  };
  readonly cases: readonly { context: number[]; head: number[]; runs: Record<string, Trace> }[];
}

const { settings, cases } = JSON.parse(readFileSync(path.join(tinyCheckpoint, "decoders.json"), "utf8")) as Fixture;
const { maxTokens, block, mostSlots, bias, lineBreakIds } = settings;
const ids = readSpecialIds(path.join(tinyCheckpoint, "tokenizer.json"));
const rule = { temperature: 0, topP: 1 };

let folder: string;
let verifier: OnnxVerifier;
let diffuser: Diffuser;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-decoders-"));
  const load = async (role: "verifier" | "diffuser"): Promise<OnnxModel> => {
    const facts = convertCheckpoint({ source: tinyCheckpoint, out: folder, role, weights: "fp32", name: role, licence: "MIT", origin: "random" });
    return OnnxModel.load(facts, path.join(folder, facts.graph.path), 1, new PassGate());
  };
  verifier = new OnnxVerifier(await load("verifier"), { kind: "padded", multiple: 4 });
  const onnx = new OnnxDiffuser(await load("diffuser"), ids);
  // The reference allows fewer slots than the graph, so that its limits are met.
  const { vocabSize, maskId, sepId } = onnx;
  diffuser = { vocabSize, maskId, sepId, maxSlots: mostSlots, denoise: (context, canvases) => onnx.denoise(context, canvases) };
});
after(() => rmSync(folder, { recursive: true }));

function taskOf(context: readonly number[], head: readonly number[]): InfillTask {
  const forbidden = Object.values(ids);
  const tails = { tail: [ids.fimSuffix, ...head], flexibleTail: [ids.expand, ...head] };
  return { context, ...tails, minTokens: 1, maxTokens, forbidden, rule, random: createRandom(0) };
}

async function traced(decoder: InfillDecoder): Promise<Trace> {
  const steps: (number | null)[][] = [];
  for (;;) {
    const step = await decoder.next();
    if (step.done === true) return { tokens: step.value.tokens, steps, forwards: step.value.forwards };
    steps.push(step.value.slots.map(({ token }) => token ?? null));
  }
}

const infills: Record<string, (task: InfillTask) => InfillDecoder> = {
  fixed: (task) => infillFixedLength(diffuser, task, 7, mostConfident),
  dreamon: (task) => infillExpandDelete(diffuser, task, { expand: ids.expand, delete: ids.eos }, 5, mostConfident),
  lr: (task) => infillLengthRegularized(diffuser, task),
  cal: (task) => infillCalibrated(diffuser, task, bias),
  auto: (task) => infillAdaptive(diffuser, task, new VerifierJudge(verifier, task.context, ids.eos, new Set(lineBreakIds)), () => false),
  block: (task) => infillByBlocks(diffuser, task, ids.eos, block, allAbove(0.2)),
};

describe("decoders against the plain Python reference", () => {
  for (const [name, decoder] of Object.entries(infills)) {
    it(`${name} shows the same canvas after every pass and writes the same tokens in as many passes`, async () => {
      for (const { context, head, runs } of cases) {
        const { tokens, steps, forwards } = await traced(decoder(taskOf(context, head)));
        assert.deepEqual(steps, runs[name].steps);
        assert.deepEqual([tokens, forwards], [runs[name].tokens, runs[name].forwards]);
      }
    });
  }

  it("ar writes the same tokens", async () => {
    for (const { context, runs } of cases) {
      const decoder = decodeAutoregressively(verifier, context, { eosId: ids.eos, maxTokens, rule, random: createRandom(0) });
      const tokens: number[] = [];
      for await (const part of decoder) tokens.push(...part);
      assert.deepEqual(tokens, runs.ar.tokens);
    }
  });

  it("deer writes what ar writes, in the same blocks", async () => {
    for (const { context, runs } of cases) {
      const drafter = new DiffusionDrafter(diffuser, ids.eos, rule, createRandom(0));
      const sources = [{ drafter, blockSizer: fixedBlock(block) }];
      const decoder = speculate(verifier, context, sources, { eosId: ids.eos, maxTokens, rule, random: createRandom(0) });
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
