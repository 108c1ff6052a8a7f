import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { IdleTrial, type TriedPair } from "../../../src/engine/idleTrial.js";
import type { Accelerator } from "../../../src/engine/models/device.js";

const QUIET_MS = 50;
const TRIAL_MS = 100;

/** A pair of which one accelerator is not known; trying it takes some time, unless it is ended. */
function pairOf(isDone = true): { pair: TriedPair; begun: () => number; untried: Accelerator[] } {
  let begun = 0;
  const untried: Accelerator[] = ["webgpu"];
  const tryNext = async (signal: AbortSignal): Promise<void> => {
    begun += 1;
    await pause(TRIAL_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) untried.length = 0;
  };
  return { pair: { devices: { untried, tryNext }, calibration: { isDone } } as unknown as TriedPair, begun: () => begun, untried };
}

const idleTrial = (queue = { isBusy: false }, load = 0): IdleTrial => new IdleTrial(queue, QUIET_MS, () => load);

describe("a trial while nothing is asked", () => {
  it("begins after some quiet, once, where an accelerator is not known", async () => {
    const { pair, begun, untried } = pairOf();
    const trial = idleTrial();
    trial.afterRequest(pair);
    assert.equal(begun(), 0);
    await pause(QUIET_MS + TRIAL_MS + 200);
    assert.deepEqual([begun(), untried], [1, []]);
    trial.afterRequest(pair);
    await pause(QUIET_MS + 50);
    assert.equal(begun(), 1);
  });

  it("is ended by a request, and begins anew after it", async () => {
    const { pair, begun, untried } = pairOf();
    const trial = idleTrial();
    trial.afterRequest(pair);
    while (begun() === 0) await pause(5);
    trial.stop();
    await pause(TRIAL_MS + 50);
    assert.deepEqual([begun(), untried.length], [1, 1]);
    trial.afterRequest(pair);
    await pause(QUIET_MS + TRIAL_MS + 200);
    assert.deepEqual([begun(), untried.length], [2, 0]);
  });

  it("waits while the machine is busy, requests run, or passes are still to be measured", async () => {
    const cases = [pairOf(), pairOf(), pairOf(false)];
    const trials = [idleTrial({ isBusy: false }, 0.9), idleTrial({ isBusy: true }), idleTrial()];
    trials.forEach((trial, index) => trial.afterRequest(cases[index].pair));
    await pause(5 * QUIET_MS);
    assert.deepEqual(cases.map(({ begun }) => begun()), [0, 0, 0]); // prettier-ignore
    for (const trial of trials) trial.stop();
  });
});
