import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodeAutoregressively } from "../../src/decode/autoregressive.js";
import { createRandom } from "../../src/base/random.js";
import { chooseDevice, realTrials } from "../../src/engine/models/device.js";
import { processorReference, tryDevice, type TrialModel } from "../../src/engine/models/deviceTrial.js";
import { PassRunner } from "../../src/engine/models/passRunner.js";
import { onProcessor, type GraphProgram } from "../../src/engine/models/placement.js";
import { Program } from "../../src/engine/runtime/program.js";
import { CachedVerifier } from "../../src/engine/models/cachedVerifier.js";
import { ContextPool } from "../../src/engine/models/contextPool.js";
import { layoutOf } from "../../src/decode/sequence.js";
import { PassGate } from "../../src/engine/passGate.js";
import { decodersOf, parseManifest, verifierOf, type Manifest } from "../../src/protocol/manifest.js";
import { testPair } from "../models/testPair.js";

let manifest: Manifest;
let models: TrialModel[];

before(() => {
  manifest = parseManifest(readFileSync(path.join(testPair, "manifest.json"), "utf8"));
  models = decodersOf(manifest).map((entry) => ({ entry, graphPath: path.join(testPair, entry.graph.path) }));
});

describe("chooseDevice", () => {
  it("takes the processor without trying anything when it is asked for", async () => {
    assert.equal((await chooseDevice("cpu", realTrials([]))).device, "cpu");
  });

  it("says why an accelerator that was asked for cannot be used", async () => {
    await assert.rejects(chooseDevice("coreml", realTrials(models)), { code: "deviceUnusable", message: /coreml/ });
  });

  it("falls back on the processor, with the reason of every accelerator that was tried", async () => {
    const { device, reason } = await chooseDevice("auto", realTrials(models));
    // On a machine with a working accelerator this says how fast that is instead.
    assert.ok(device !== "cpu" || /webgpu|cuda|no accelerator/.test(reason), reason);
  });
});

describe("a model on a device that fails in the middle of a text", () => {
  it("goes on on the processor, with the same text and with what was cached", async () => {
    const entry = verifierOf(manifest);
    const graphPath = path.join(testPair, entry.graph.path);
    const processor = (): Promise<Program> => Program.create(graphPath, 1, "cpu");
    const write = async (runner: PassRunner): Promise<number[]> => {
      const verifier = new CachedVerifier(runner, entry, new ContextPool(entry.cache, undefined, 0), { multiple: 4 }, "padded");
      const options = { maxTokens: 24, rule: { temperature: 0, topP: 1 }, random: createRandom(1) };
      const tokens: number[] = [];
      for await (const part of decodeAutoregressively(verifier, layoutOf([3, 1, 100, 101, 102, 103]), options)) tokens.push(...part);
      return tokens;
    };
    const expected = await write(new PassRunner(entry, onProcessor(await processor()), new PassGate()));

    const session = await processor();
    const failures: unknown[] = [];
    let passes = 0;
    const failing: GraphProgram = {
      inPlace: true,
      run: async (inputs, outputs) => {
        if ((passes += 1) > 9) throw new Error("device lost");
        await session.run(inputs, outputs);
      },
    };
    const runner = new PassRunner(entry, { ...onProcessor(failing), device: "webgpu" }, new PassGate(), {
      create: processor,
      tell: (error) => failures.push(error),
    });
    assert.deepEqual(await write(runner), expected);
    assert.equal(passes, 10);
    assert.match(String(failures), /device lost/);
  });
});

describe("tryDevice", () => {
  it("passes the processor itself", async () => {
    const trial = await tryDevice("cpu", models, processorReference(models));
    assert.ok(trial.ok && trial.passMs > 0, trial.detail);
  });

  it("fails a device whose numbers are wrong, one of them NaN included", async () => {
    for (const wrong of [7, NaN]) {
      const reference = async () => {
        const { logits, passMs } = await processorReference(models)();
        return { logits: logits.map((row) => row.map((value, index) => (index === 5 ? value + wrong : value))), passMs };
      };
      const trial = await tryDevice("cpu", models, reference);
      assert.equal(trial.ok, false);
      assert.match(trial.detail, /numbers are wrong/);
    }
  });

  it("does not ask for the reference when the device does not run", async () => {
    const trial = await tryDevice("no-such-device", models, () => assert.fail("asked"));
    assert.equal(trial.ok, false);
  });
});
