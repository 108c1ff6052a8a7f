import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { installedFolder } from "../../../src/models/dataFolder.js";
import { thisMachine } from "../../../src/models/machine.js";

describe("the folders of a machine", () => {
  it("are never in the current folder: an empty or relative HOME is none", () => {
    for (const HOME of [undefined, "", ".", "home", "../home"]) {
      const machine = thisMachine({ HOME });
      assert.equal(machine.home, os.userInfo().homedir, HOME);
      assert.ok(path.isAbsolute(installedFolder(machine)));
    }
  });

  it("are in HOME where that is a place", () => {
    const home = path.resolve("/some/home");
    assert.equal(thisMachine({ HOME: home }).home, home);
  });
});
