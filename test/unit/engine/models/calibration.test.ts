import assert from "node:assert/strict";
import { layoutOf } from "../../../../src/decode/sequence.js";
import { Calibration } from "../../../../src/engine/models/calibration.js";
import { CalibrationStore } from "../../../../src/engine/models/calibrationStore.js";
import { ContextPool } from "../../../../src/engine/models/contextPool.js";
import { PassRunner } from "../../../../src/engine/models/passRunner.js";
import { onProcessor, type GraphProgram } from "../../../../src/engine/models/placement.js";
import { PassGate } from "../../../../src/engine/passGate.js";
import type { CacheShape, Manifest, DecoderEntry } from "../../../../src/protocol/manifest.js";

const CACHE: CacheShape = { layers: 1, kvHeads: 1, headDim: 16, type: "float32" };
const MANIFEST = { formatVersion: 2, models: [] } as unknown as Manifest;

/** A graph whose logits depend on the pass's length as `logitOf` says. */
function runnerOf(role: "verifier" | "diffuser", logitOf: (tokens: number) => number): { runner: PassRunner; passes: number[] } {
  const passes: number[] = [];
  const program: GraphProgram = {
    inPlace: true,
    run: (inputs, outputs) => {
      const tokens = inputs.tokens.dims[1];
      passes.push(tokens);
      (outputs.logits.data as Float32Array).fill(logitOf(tokens));
      return Promise.resolve();
    },
  };
  const entry = { role, vocabSize: 64, cache: CACHE } as unknown as DecoderEntry;
  return { runner: new PassRunner(entry, onProcessor(program), new PassGate()), passes };
}

function calibrationOf(logitOf: (tokens: number) => number, store = CalibrationStore.open(undefined, MANIFEST, 1, "cpu")) {
  const verifier = runnerOf("verifier", logitOf);
  const diffuser = runnerOf("diffuser", () => 1);
  const shape = { multiple: 4 };
  const pool = new ContextPool(CACHE, CACHE, 0);
  return { calibration: new Calibration(verifier, diffuser, pool, shape, store), verifier, diffuser, shape, store, pool };
}

const sequence = { layout: layoutOf([1]), written: [] };

describe("Calibration", () => {
  it("knows typical costs before it has measured, and real ones after", async () => {
    const { calibration } = calibrationOf(() => 1);
    const typical = calibration.costs;
    assert.ok(typical.length > 5 && typical[1].draftMs > 0 && calibration.lookupCosts.every(({ draftMs }) => draftMs === 0));
    assert.equal(calibration.isDone, false);
    while (await calibration.step());
    assert.equal(calibration.isDone, true);
    assert.notDeepEqual(calibration.costs, typical);
    assert.deepEqual(calibration.costs.map(({ draftTokens }) => draftTokens), [0, 3, 7, 11, 15, 19, 23, 27, 31]); // prettier-ignore
    assert.equal(await calibration.step(), false);
  });

  it("runs at most one pass a step", async () => {
    const { calibration, verifier, diffuser } = calibrationOf(() => 1);
    let before = 0;
    while (await calibration.step()) {
      const passes = verifier.passes.length + diffuser.passes.length;
      assert.ok(passes - before <= 1);
      before = passes;
    }
    assert.ok(Math.max(...verifier.passes, ...diffuser.passes) <= 64);
  });

  it("keeps passes padded to four where logits do not depend on the split, and pads to 32 where they do", async () => {
    const even = calibrationOf(() => 1);
    while (await even.calibration.step());
    assert.equal(even.shape.multiple, 4);
    assert.deepEqual(even.calibration.selfTests.map(({ ok }) => ok), [true]); // prettier-ignore
    const uneven = calibrationOf((tokens) => (tokens < 32 ? 2 : 1));
    const context = uneven.pool.choose(sequence, true);
    context.verifier.append([1], true);
    while (await uneven.calibration.step());
    assert.equal(uneven.shape.multiple, 32);
    // What was read before in shorter passes is read again.
    assert.equal(uneven.pool.choose(sequence, true).verifier.length, 0);
    const hopeless = calibrationOf((tokens) => tokens);
    while (await hopeless.calibration.step());
    assert.deepEqual(hopeless.calibration.selfTests.map(({ ok }) => ok), [false]); // prettier-ignore
  });

  it("knows how fast the verifier reads once passes were timed, by the best of them, and then keeps to it", async () => {
    const { calibration, store } = calibrationOf(() => 1);
    assert.equal(calibration.readTokensPerMs, undefined);
    while (await calibration.step()) assert.equal(calibration.readTokensPerMs, undefined);
    const known = calibration.readTokensPerMs;
    assert.ok(known !== undefined && known > 0);
    const slower = [
      { draftTokens: 0, draftMs: 0, verifyMs: 40 },
      { draftTokens: 31, draftMs: 0, verifyMs: 160 },
    ];
    store.put("pass costs", slower);
    assert.equal(calibration.readTokensPerMs, known);
    // Another start goes by what is known then.
    assert.equal(calibrationOf(() => 1, store).calibration.readTokensPerMs, 0.2);
  });

  it("runs no pass for what an earlier process found out", async () => {
    const first = calibrationOf(() => 1);
    while (await first.calibration.step());
    const second = calibrationOf(() => 1, first.store);
    assert.equal(second.calibration.isDone, true);
    assert.deepEqual(second.calibration.costs, first.calibration.costs);
    assert.equal(await second.calibration.step(), false);
    assert.deepEqual(second.verifier.passes, []);
  });
});
