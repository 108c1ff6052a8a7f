import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DeviceRecords } from "../../../../src/engine/models/deviceRecords.js";
import type { Manifest } from "../../../../src/protocol/manifest.js";

const manifestOf = (hash: string): Manifest => ({ models: [{ graph: { sha256: hash }, data: { sha256: hash } }] }) as unknown as Manifest;
const FAILED = { verdict: "failed", detail: "device lost" } as const;

describe("what is known of devices", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-records-"));
  const open = (hash = "a", driver = "one"): DeviceRecords => new DeviceRecords(folder, manifestOf(hash), 1, driver);
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is known at the next start, of this device alone", () => {
    open().put("webgpu", FAILED);
    assert.deepEqual(open().get("webgpu"), FAILED);
    assert.equal(open().get("cuda"), undefined);
  });

  it("is no longer known with another model or another driver", () => {
    open().put("webgpu", FAILED);
    assert.equal(open("b").get("webgpu"), undefined);
    assert.equal(open("a", "two").get("webgpu"), undefined);
  });

  it("is forgotten on request", () => {
    open("f").put("cuda", FAILED);
    open("f").forget("cuda");
    assert.equal(open("f").get("cuda"), undefined);
  });

  it("is forgotten with the process where nothing is kept", () => {
    const records = new DeviceRecords(undefined, manifestOf("c"), 1, "one");
    records.put("webgpu", FAILED);
    assert.deepEqual(records.get("webgpu"), FAILED);
    assert.equal(new DeviceRecords(undefined, manifestOf("c"), 1, "one").get("webgpu"), undefined);
  });

  it("is that it crashed where trials were begun twice and ended in no way; one that was broken off does not count", () => {
    for (let time = 0; time < 3; time += 1) open("d").begin("webgpu")();
    open("d").begin("webgpu");
    assert.equal(open("d").get("webgpu"), undefined);
    open("d").begin("webgpu");
    assert.equal(open("d").get("webgpu")?.verdict, "crashed");
  });
});
