import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRandom } from "../../src/base/random.js";
import { fixedBlock } from "../../src/decode/draft/blockSize.js";
import { speculate } from "../../src/decode/draft/speculate.js";
import { loadPair, type Pair } from "../../src/engine/models/pair.js";
import { passTimes } from "../../src/engine/models/passTimes.js";
import type { CanvasPass, ReaderRunner } from "../../src/engine/models/readerRunner.js";
import { Completer } from "../../src/engine/serve/completer.js";
import { infill } from "../../src/engine/serve/infiller.js";
import { LacunaError } from "../../src/protocol/errors.js";
import type { CompleteParams, CompleteResult, InfillMethod, InfillParams, InfillResult } from "../../src/protocol/messages.js";
import { KNOWN_LINE as LINE, makeKnowingPair } from "../models/knowingPair.js";
import { completeParams, infillParams } from "./engineFixture.js";

const CHUNK = 128;

let folder: string;

/** A verifier that repeats what it has read, and its reader; `line` is what the reader knows by heart. */
async function load(name: string, line = ""): Promise<Pair> {
  return loadPair({ modelsDir: await makeKnowingPair(path.join(folder, name), "int8", line), threads: 1, device: "cpu" });
}

/** Every pass of the reader from now on, as it is run. */
function readerPasses(pair: Pair): CanvasPass[] {
  const passes: CanvasPass[] = [];
  const runner = pair.diffuser?.runner as ReaderRunner;
  const forward = runner.forward.bind(runner);
  runner.forward = (cache, past, pass) => {
    passes.push(pass);
    return forward(cache, past, pass);
  };
  return passes;
}

before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-reader-"));
});
after(() => rmSync(folder, { recursive: true }));

describe("a reader of random weights", () => {
  let pair: Pair;
  let completer: Completer;
  const complete = (params: Partial<CompleteParams>): Promise<CompleteResult> => {
    pair.gate.open(() => false);
    return completer.complete({ ...completeParams, requestId: 1, ...params }, () => {});
  };
  const fill = (params: Partial<InfillParams>): Promise<InfillResult> => {
    pair.gate.open(() => false);
    return infill(pair, { ...infillParams, requestId: 1, ...params }, { onText: () => {}, onCanvas: () => {} });
  };

  before(async () => {
    pair = await load("random");
    completer = new Completer(pair);
  });

  it("is reported beside its verifier, with what can be asked of it", () => {
    const { models, can } = pair.report;
    assert.deepEqual(models.map(({ role, device }) => [role, device]), [["verifier", "cpu"], ["reader", "cpu"]]); // prettier-ignore
    assert.deepEqual(can, { infill: ["auto", "ar", "lr", "block", "fixed", "dreamon"], diffusionDrafts: true });
  });

  it("drafts without changing the text", async () => {
    for (const prefix of [completeParams.prefix, "value = compute(first, second)\nif ", LINE.repeat(30)]) {
      const plain = await complete({ prefix, decoder: "arPadded" });
      for (const block of [3, 7, 16, "auto"] as const) {
        const drafted = await complete({ prefix, block });
        assert.deepEqual(drafted.tokenIds, plain.tokenIds, `blocks of ${block}`);
      }
    }
    const { passes, drafted } = await complete({});
    assert.ok(passes.diffuser > 0 && drafted > 0);
  });

  it("drafts alone or not at all where that is asked for, and the text stays", async () => {
    const plain = await complete({ decoder: "arPadded" });
    for (const drafts of ["known", "diffusion"] as const) {
      for (const block of [7, "auto"] as const) {
        const { tokenIds, passes } = await complete({ drafts, block });
        assert.deepEqual(tokenIds, plain.tokenIds);
        assert.equal(passes.diffuser > 0, drafts === "diffusion", `${drafts} in blocks of ${block}: ${passes.diffuser} passes`);
      }
    }
  });

  it("gives the same text for a seed, whatever was read before", async () => {
    const params = { temperature: 0.8, topP: 0.95, seed: 5, block: 7 } as const;
    const first = await complete(params);
    await complete({ prefix: "something else\n", suffix: "" });
    assert.deepEqual((await complete(params)).tokenIds, first.tokenIds);
    await complete({ ...params, decoder: "ar" });
    assert.deepEqual((await complete(params)).tokenIds, first.tokenIds);
  });

  it("reads no prompt: its passes hold canvases alone, and the verifier runs no pass for it", async () => {
    const passes = readerPasses(pair);
    const result = await complete({ prefix: `fresh = 1\n${completeParams.prefix}`, block: 7 });
    assert.ok(passes.length > 0);
    assert.equal(result.passes.diffuser, passes.length);
    assert.ok(passes.every(({ tokens }) => tokens.length === 8));
    const prompt = pair.verifier.tokenizer.encode(completeParams.prefix + completeParams.suffix).length;
    assert.ok(result.passes.verifier <= result.verifies + Math.ceil(prompt / CHUNK) + 1);
    // A key: what was written is read already.
    const typed = await complete({ prefix: `fresh = 1\n${completeParams.prefix}${result.text.slice(0, 1)}`, block: 7 });
    assert.equal(typed.passes.verifier, typed.verifies);
    assert.ok(typed.passes.diffuser > 0);
  });

  for (const method of ["lr", "block", "fixed", "dreamon", "auto"] satisfies InfillMethod[]) {
    it(`fills holes by ${method}, within the bounds that are asked for`, async () => {
      const { outcome, tokens, passes } = await fill({ method, length: 6, minTokens: 2, maxTokens: 12 });
      assert.equal(outcome, "done");
      assert.ok(tokens >= 2 && tokens <= 12, `${tokens} tokens`);
      assert.ok(passes.diffuser > 0);
    });
  }

  it("commits tokens without a pass of the verifier, however many", async () => {
    await fill({ method: "lr", maxTokens: 12, temperature: 0 });
    const passes = readerPasses(pair);
    const again = await fill({ method: "lr", maxTokens: 12, temperature: 0, minTokens: 8 });
    assert.ok(again.tokens >= 8 && passes.length > 8);
    assert.equal(again.passes.verifier, 0);
  });

  it("names what it lacks for the method it does not know", async () => {
    await assert.rejects(fill({ method: "cal" }), (error) => error instanceof LacunaError && error.code === "badRequest");
  });

  it("is timed and calibrated: of a draft's cost the whole draft counts", async () => {
    pair.gate.open(() => false);
    while (await pair.calibration.step());
    assert.ok(pair.calibration.costs.every(({ draftTokens, draftMs }) => draftTokens === 0 || draftMs > 0));
    const times = await passTimes(pair, { contextTokens: 64, tokens: [1, 7], repeats: 2 });
    assert.deepEqual(times.map(({ verifyMs, draftMs }) => [verifyMs.length, draftMs.length]), [[2, 2], [2, 2]]); // prettier-ignore
  });
});

describe("a reader that knows what comes", () => {
  it("has its drafts accepted, so that a pass of the verifier gives several tokens", async () => {
    const pair = await load("knowing", LINE);
    pair.gate.open(() => false);
    const { exact, format } = pair.verifier;
    const layout = format.layOut({ prefix: LINE.repeat(20), suffix: "" }, { promptTokens: 512, suffixHeadTokens: 0 });
    const options = { maxTokens: 40, rule: { temperature: 0, topP: 1 }, random: createRandom(1) };
    const plain = await runToEnd(speculate(exact, layout, [], options));
    const drafter = pair.diffuser?.drafter(options.rule, options.random, undefined) ?? assert.fail("there is no reader");
    const drafted = await runToEnd(speculate(exact, layout, [{ drafter, blockSizer: fixedBlock(7) }], options));
    assert.deepEqual(drafted.tokens, plain.tokens);
    assert.ok(drafted.blocks.length < plain.blocks.length / 3, `${drafted.blocks.length} and ${plain.blocks.length} verifies`);
  });
});

async function runToEnd<T>(decoder: AsyncGenerator<unknown, T>): Promise<T> {
  let step = await decoder.next();
  while (step.done !== true) step = await decoder.next();
  return step.value;
}
