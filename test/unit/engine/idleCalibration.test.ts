import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { IdleCalibration } from "../../../src/engine/idleCalibration.js";
import type { Pair } from "../../../src/engine/models/pair.js";
import { PassGate } from "../../../src/engine/passGate.js";
import { RequestQueue } from "../../../src/engine/requestQueue.js";

/** A pair whose calibration takes `steps` steps. */
function pairOf(steps: number): { pair: Pair; taken: () => number } {
  let taken = 0;
  const calibration = { get isDone() { return taken >= steps; }, step: () => Promise.resolve((taken += 1) < steps) }; // prettier-ignore
  return { pair: { gate: new PassGate(), calibration } as unknown as Pair, taken: () => taken };
}

describe("calibration between requests", () => {
  it("begins when nothing was asked for a while, and goes on to its end", async () => {
    const { pair, taken } = pairOf(5);
    const idle = new IdleCalibration(new RequestQueue());
    idle.afterRequest(pair);
    await pause(100);
    assert.equal(taken(), 0);
    await pause(600);
    assert.equal(taken(), 5);
  });

  it("stops for a request, which waits for one step at most, and goes on after it", async () => {
    const { pair, taken } = pairOf(1000);
    const queue = new RequestQueue();
    const idle = new IdleCalibration(queue);
    idle.afterRequest(pair);
    while (taken() < 3) await pause(5);
    idle.stop();
    const before = taken();
    await queue.run(() => pause(100));
    assert.ok(taken() <= before + 1, `${taken() - before} steps while a request ran`);
    idle.afterRequest(pair);
    await pause(600);
    assert.ok(taken() > before + 1);
    idle.stop();
  });

  it("does nothing without models, and where everything is known", async () => {
    const { pair, taken } = pairOf(0);
    const idle = new IdleCalibration(new RequestQueue());
    idle.afterRequest(undefined);
    idle.afterRequest(pair);
    await pause(400);
    assert.equal(taken(), 0);
  });
});
