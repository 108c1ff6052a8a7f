import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { CalibrationStore } from "../../../../src/engine/models/calibrationStore.js";
import type { Manifest } from "../../../../src/protocol/manifest.js";

const manifestOf = (hash: string): Manifest =>
  ({ formatVersion: 2, models: [{ graph: { sha256: hash }, data: { sha256: hash } }] }) as unknown as Manifest;

describe("CalibrationStore", () => {
  let folder: string;
  const open = (hash = "a", threads = 1, device = "auto"): CalibrationStore =>
    CalibrationStore.open(path.join(folder, "state"), manifestOf(hash), threads, device);
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-calibration-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("finds things out once, also for the next process", async () => {
    let times = 0;
    const find = (): Promise<number> => Promise.resolve((times += 1));
    assert.equal(await open().remembered("x", find), 1);
    assert.equal(await open().remembered("x", find), 1);
    assert.equal(times, 1);
  });

  it("holds for the same models, threads and device alone", () => {
    open().put("x", 1);
    const found = [open("a"), open("b"), open("a", 2), open("a", 1, "cpu")].map((store) => store.get("x"));
    assert.deepEqual(found, [1, undefined, undefined, undefined]);
  });

  it("keeps what others wrote meanwhile, and of all the latest", () => {
    const [first, second] = [open("a"), open("b")];
    second.put("x", 2);
    first.put("x", 1);
    assert.deepEqual([open("a").get("x"), open("b").get("x")], [1, 2]);
    for (let index = 0; index < 20; index += 1) open(`other ${index}`).put("x", index);
    assert.equal(open("a").get("x"), undefined);
    assert.equal(open("other 19").get("x"), 19);
    assert.deepEqual(readdirSync(path.join(folder, "state")), ["calibration.json"]);
  });

  it("measures again where the file is damaged or cannot be written, and keeps nothing without a folder", () => {
    open().put("x", 1);
    const file = path.join(folder, "state", "calibration.json");
    for (const damaged of ["{", "7", '[null, {"key": 3}]']) {
      writeFileSync(file, damaged);
      assert.equal(open().get("x"), undefined, damaged);
    }
    open().put("x", 2);
    assert.match(readFileSync(file, "utf8"), /"x":2/);
    writeFileSync(path.join(folder, "blocked"), "");
    const blocked = CalibrationStore.open(path.join(folder, "blocked"), manifestOf("a"), 1, "auto");
    blocked.put("x", 3);
    assert.equal(blocked.get("x"), 3);
    const none = CalibrationStore.open(undefined, manifestOf("a"), 1, "auto");
    none.put("x", 4);
    assert.equal(none.get("x"), 4);
    assert.ok(!existsSync(path.join(folder, "undefined")));
  });
});
