import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { takeWorkLock } from "../../../src/models/workLock.js";

const GONE = { token: "gone", pid: 2 ** 22 + 1, host: os.hostname() };
/** The user without rights of his own. */
const NOBODY = 65_534;
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

  it("names the lock that a process of another user has left where only that user may remove it", async function () {
    if (process.getuid?.() !== 0) this.skip();
    // Not below the run's own folder for temporary files, which nobody else may enter.
    const shared = await mkdtemp("/tmp/lacuna-shared-");
    try {
      await chmod(shared, 0o1777);
      const left = path.join(shared, "lock");
      await writeFile(left, JSON.stringify(GONE), { mode: 0o644 });
      process.seteuid?.(NOBODY);
      try {
        const named = { code: "downloadBusy", message: `A process that is gone was importing, and what it left, ${left}, cannot be removed.` };
        await assert.rejects(takeWorkLock(left, "importing"), named);
      } finally {
        process.seteuid?.(0);
      }
    } finally {
      await rm(shared, { recursive: true });
    }
  });
});
