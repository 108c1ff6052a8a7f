import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { removeFolder } from "../vscode/editor/removeFolder.js";

/** Makes a folder of many files, says so, and goes on putting new ones in for half a second. */
const WRITER = `
  const { mkdirSync, writeFileSync } = require("node:fs");
  const write = (name) => { mkdirSync("data", { recursive: true }); writeFileSync("data/" + name, "x"); writeFileSync(name, "x"); };
  for (let i = 0; i < 300; i++) write("first" + i);
  console.log("full");
  const end = Date.now() + 500;
  for (let i = 0; Date.now() < end; i++) { try { write("late" + i); } catch {} }
`;

describe("removing a folder", () => {
  it("removes what a process that is ending still writes into it", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-removed-"));
    const writer = spawn(process.execPath, ["-e", WRITER], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => writer.once("exit", resolve));
    await new Promise((resolve) => writer.stdout.once("data", resolve));
    await removeFolder(folder, 20_000);
    await ended;
    assert.equal(existsSync(folder), false);
  });

  it("has nothing to do where there is none", async () => {
    await removeFolder(path.join(os.tmpdir(), "lacuna-never-made"));
  });
});
