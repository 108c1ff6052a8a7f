import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { takeWorkLock } from "../../../src/models/workLock.js";

const GONE = { token: "gone", pid: 2 ** 22 + 1, host: os.hostname() };
const BUSY = { code: "downloadBusy" };

describe("takeWorkLock", () => {
  let folder = "";
  let lock = "";
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "lacuna-lock-"));
    lock = path.join(folder, "lock");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("gives the lock to one of many that want it, and to the next after it was released", async () => {
    const takers = await Promise.allSettled(Array.from({ length: 20 }, () => takeWorkLock(lock, "x")));
    const held = takers.filter((taker) => taker.status === "fulfilled");
    assert.equal(held.length, 1);
    await held[0].value.release();
    assert.deepEqual(await readdir(folder), []);
    await (await takeWorkLock(lock, "x")).release();
  });

  it("takes over the lock of a process that is gone, but for one of many only", async () => {
    for (let round = 0; round < 10; round++) {
      await writeFile(lock, JSON.stringify(GONE));
      const takers = await Promise.allSettled(Array.from({ length: 8 }, () => takeWorkLock(lock, "x")));
      const held = takers.filter((taker) => taker.status === "fulfilled");
      assert.equal(held.length, 1, `round ${round}`);
      await held[0].value.release();
    }
    assert.deepEqual(await readdir(folder), []);
  });

  it("respects a process of another machine until its lock has not been touched for long", async () => {
    await writeFile(lock, JSON.stringify({ ...GONE, host: "another machine" }));
    await assert.rejects(takeWorkLock(lock, "x"), BUSY);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await (await takeWorkLock(lock, "x")).release();
  });

  it("respects a lock that does not say yet whose it is", async () => {
    await writeFile(lock, "");
    await assert.rejects(takeWorkLock(lock, "x"), BUSY);
  });

  it("leaves the lock of another process alone when it releases one that it has lost", async () => {
    const held = await takeWorkLock(lock, "x");
    await writeFile(lock, JSON.stringify({ ...GONE, pid: process.pid }));
    await held.release();
    assert.deepEqual(await readdir(folder), ["lock"]);
  });
});
