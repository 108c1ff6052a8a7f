import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { graphicsDriver } from "../../../../src/engine/models/graphicsDriver.js";

const VARIABLE = "VK_ICD_FILENAMES";

describe("the words that name a graphics driver", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-driver-"));
  const before = process.env[VARIABLE];
  after(() => {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
    rmSync(folder, { recursive: true });
  });

  it("stay the same while it does", async () => assert.equal(await graphicsDriver(), await graphicsDriver()));

  it("change where another one is named, installed anew or taken away", async function () {
    if (process.platform !== "linux") this.skip();
    const file = path.join(folder, "driver.json");
    process.env[VARIABLE] = file;
    const found = [await graphicsDriver()];
    writeFileSync(file, "{}");
    found.push(await graphicsDriver());
    utimesSync(file, 1, 1);
    found.push(await graphicsDriver());
    delete process.env[VARIABLE];
    found.push(await graphicsDriver());
    assert.equal(new Set(found).size, 4);
  });
});
