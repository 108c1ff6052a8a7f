import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { isInstalled } from "../../../../src/engine/models/isInstalled.js";

describe("a library that the loader finds by name", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-libraries-"));
  const before = process.env.LD_LIBRARY_PATH;
  after(() => {
    if (before === undefined) delete process.env.LD_LIBRARY_PATH;
    else process.env.LD_LIBRARY_PATH = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it("is one of its cache", async function () {
    if (process.platform !== "linux") this.skip();
    assert.equal(await isInstalled("libc.so.6"), true);
    assert.equal(await isInstalled("libc.so"), false);
  });

  it("is one in a folder of LD_LIBRARY_PATH", async () => {
    writeFileSync(path.join(folder, "liblacunatest.so.1"), "");
    assert.equal(await isInstalled("liblacunatest.so.1"), false);
    process.env.LD_LIBRARY_PATH = `/no/such/folder:${folder}`;
    assert.equal(await isInstalled("liblacunatest.so.1"), true);
  });
});
