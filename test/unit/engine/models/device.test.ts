import assert from "node:assert/strict";
import { chooseDevice, type DeviceTrials } from "../../../../src/engine/models/device.js";
import type { Device } from "../../../../src/protocol/messages.js";

/** Devices with the time of their pass; those that do not work say why. The processor takes 10 ms. */
function trialsOf(devices: Readonly<Partial<Record<Device, number | string>>>): DeviceTrials & { readonly tried: Device[] } {
  const tried: Device[] = [];
  return {
    tried,
    compiledIn: ["cpu", ...Object.keys(devices)],
    tryDevice: (device) => {
      tried.push(device);
      const found = devices[device] ?? "no such device";
      return Promise.resolve(
        typeof found === "number" ? { ok: true, detail: `${found} ms`, passMs: found } : { ok: false, detail: found, passMs: Infinity },
      );
    },
    processorMs: () => Promise.resolve(10),
  };
}

describe("chooseDevice", () => {
  it("takes the first accelerator that is right and faster than the processor", async () => {
    const trials = trialsOf({ webgpu: 2, cuda: 3 });
    assert.equal((await chooseDevice("auto", trials)).device, "cuda");
    assert.deepEqual(trials.tried, ["cuda"]);
  });

  it("passes over one that is right and slower, and one that is wrong, and says so of both", async () => {
    const { device, reason } = await chooseDevice("auto", trialsOf({ cuda: "its numbers are wrong by 3.00", webgpu: 25 }));
    assert.equal(device, "cpu");
    assert.equal(reason, "cuda: its numbers are wrong by 3.00; webgpu: slower, 25 ms");
    assert.equal((await chooseDevice("auto", trialsOf({ cuda: "out of memory", webgpu: 4 }))).device, "webgpu");
  });

  it("takes one that was asked for though it is slower, and refuses one that does not work", async () => {
    assert.equal((await chooseDevice("webgpu", trialsOf({ webgpu: 25 }))).device, "webgpu");
    await assert.rejects(chooseDevice("dml", trialsOf({})), { code: "deviceUnusable", message: /dml: no such device/ });
  });

  it("tries nothing where the processor was asked for, or there is nothing else", async () => {
    const trials = trialsOf({ cuda: 1 });
    assert.equal((await chooseDevice("cpu", trials)).device, "cpu");
    assert.deepEqual(trials.tried, []);
    assert.match((await chooseDevice("auto", trialsOf({}))).reason, /no accelerator/);
  });
});
