import assert from "node:assert/strict";
import { RestartPolicy } from "../../../src/client/restartPolicy.js";

describe("the restart policy", () => {
  it("lets an engine that never died start at once", () => {
    assert.equal(new RestartPolicy(() => 0).waitMs, 0);
  });

  it("waits longer after each of three deaths, and then lets none start", () => {
    const policy = new RestartPolicy(() => 1000);
    const waits: (number | undefined)[] = [];
    for (let deaths = 0; deaths < 4; deaths += 1) {
      policy.died();
      waits.push(policy.waitMs);
    }
    assert.ok(waits[0]! > 0 && waits[1]! > waits[0]! && waits[2]! > waits[1]!, String(waits));
    assert.equal(waits[3], undefined);
  });

  it("counts the time that has passed since the death", () => {
    let now = 0;
    const policy = new RestartPolicy(() => now);
    policy.died();
    const whole = policy.waitMs!;
    now += 100;
    assert.equal(policy.waitMs, whole - 100);
    now += 100_000;
    assert.equal(policy.waitMs, 0);
  });

  it("forgives deaths that are long ago, and all of them when a person asks for a start", () => {
    let now = 0;
    const policy = new RestartPolicy(() => now);
    for (let deaths = 0; deaths < 3; deaths += 1) policy.died();
    now += 60 * 60_000;
    policy.died();
    assert.notEqual(policy.waitMs, undefined);
    for (let deaths = 0; deaths < 4; deaths += 1) policy.died();
    assert.equal(policy.waitMs, undefined);
    policy.reset();
    assert.equal(policy.waitMs, 0);
  });
});
