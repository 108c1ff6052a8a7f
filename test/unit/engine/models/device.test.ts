import assert from "node:assert/strict";
import { chooseDevice, mustBeTried, type Accelerator, type DeviceFacts } from "../../../../src/engine/models/device.js";
import type { DeviceRecord } from "../../../../src/engine/models/deviceTrial.js";

/** A device that was right, in so many milliseconds for what takes the processor 10. */
const right = (deviceMs: number): DeviceRecord => ({ verdict: "right", detail: `${deviceMs} ms`, deviceMs, processorMs: 10 });
const bad = (verdict: DeviceRecord["verdict"], detail: string): DeviceRecord => ({ verdict, detail });

/** Devices that were compiled in, with what is known of each: a record, a hindrance, or nothing. */
function factsOf(devices: Readonly<Partial<Record<Accelerator, DeviceRecord | string | undefined>>>): DeviceFacts {
  const known = (device: Accelerator): DeviceRecord | string | undefined => devices[device];
  return {
    compiledIn: ["cpu", ...Object.keys(devices)],
    hindrance: (device) => (typeof known(device) === "string" ? (known(device) as string) : undefined),
    record: (device) => (typeof known(device) === "string" ? undefined : (known(device) as DeviceRecord | undefined)),
  };
}

describe("chooseDevice", () => {
  it("takes the first accelerator that was right and faster than the processor", () => {
    assert.equal(chooseDevice("auto", factsOf({ webgpu: right(2), cuda: right(3) })).device, "cuda");
    assert.equal(chooseDevice("auto", factsOf({ webgpu: right(2), cuda: bad("wrong", "off") })).device, "webgpu");
  });

  it("stays on the processor where one is hardly faster, wrong, failed, crashed or hung, and says so of each", () => {
    const [cuda, dml] = [bad("failed", "device lost"), bad("hung", "it hung in loading")];
    const facts = factsOf({ cuda, dml, coreml: bad("wrong", "off by 3"), webgpu: right(9) });
    const { device, reason, untried } = chooseDevice("auto", facts);
    assert.deepEqual([device, untried], ["cpu", []]);
    assert.equal(reason, "cuda: a pass failed, device lost; dml: it hung in loading; coreml: off by 3; webgpu: not faster, 9 ms");
  });

  it("stays on the processor for now where one was not tried, and names it", () => {
    const { device, reason, untried } = chooseDevice("auto", factsOf({ cuda: bad("unavailable", "no library"), webgpu: undefined }));
    assert.deepEqual([device, untried], ["cpu", ["webgpu"]]);
    assert.match(reason, /webgpu: not tried yet/);
  });

  it("tries nothing that the model cannot run on, and says why", () => {
    const { untried, reason } = chooseDevice("auto", factsOf({ webgpu: "its weights are stored in rows" }));
    assert.deepEqual(untried, []);
    assert.match(reason, /webgpu: its weights are stored in rows/);
  });

  it("takes one that was asked for and is right though it is slower, and refuses every other", () => {
    assert.equal(chooseDevice("webgpu", factsOf({ webgpu: right(25) })).device, "webgpu");
    for (const known of [bad("wrong", "off"), bad("unavailable", "off"), bad("slow", "off"), "off", undefined]) {
      assert.throws(() => chooseDevice("webgpu", factsOf({ webgpu: known })), { code: "deviceUnusable", message: /webgpu/ });
    }
  });

  it("takes the processor where it was asked for, or there is nothing else", () => {
    assert.equal(chooseDevice("cpu", factsOf({ cuda: right(1) })).device, "cpu");
    assert.match(chooseDevice("auto", factsOf({})).reason, /no accelerator/);
  });
});

describe("a device that was asked for", () => {
  it("is tried where it is not known, was given up, or was not there", () => {
    for (const known of [undefined, bad("slow", ""), bad("unavailable", "")]) assert.equal(mustBeTried("webgpu", factsOf({ webgpu: known })), true);
  });

  it("is not tried again where it was right, wrong, failed, crashed or hung, nor where the model cannot run there", () => {
    for (const known of [right(25), bad("wrong", ""), bad("failed", ""), bad("crashed", ""), bad("hung", ""), "halves"]) {
      assert.equal(mustBeTried("webgpu", factsOf({ webgpu: known })), false);
    }
  });
});
