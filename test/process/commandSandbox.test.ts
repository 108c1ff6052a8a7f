import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { CommandSandbox, type CommandResult } from "../../bench/library/commandSandbox.js";
import type { SandboxOutcome } from "../../bench/library/sandbox.js";

const LIMITS = { timeoutMs: 20_000, memoryBytes: 2 ** 30, fileBytes: 2 ** 20, outputBytes: 2 ** 20 };
const PYTHON = "python3 program.py";
const NODE = "node program.js";
/** What a program says that was kept from something, or ran out of it; one that is ended by the system says nothing. */
const REFUSED = /outside the working copy|PermissionError: no |refused here|Memory|File too large|EFBIG|memory|Array buffer allocation|^$/;

describe("the sandbox of test commands", function () {
  this.timeout(60_000);
  let folder = "";
  let repository = "";
  let outside = "";

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-repository-"));
    repository = path.join(folder, "repository");
    outside = path.join(folder, "outside");
    for (const each of [repository, outside]) mkdirSync(each);
    writeFileSync(path.join(outside, "kept.txt"), "kept");
    writeFileSync(path.join(repository, "data.txt"), "data");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (command: string, program: string, timeoutMs = LIMITS.timeoutMs): Promise<CommandResult> => {
    const isPython = command === PYTHON;
    const text = `${isPython ? "" : "const "}OUTSIDE = ${JSON.stringify(outside)}\n${program}\n`;
    const sandbox = new CommandSandbox(repository, command);
    return sandbox.run({ [isPython ? "program.py" : "program.js"]: text }, { ...LIMITS, timeoutMs });
  };

  const harmless: [claim: string, command: string, program: string, outcome: SandboxOutcome][] = [
    ["reading and writing in the copy", PYTHON, "assert open('data.txt').read() == 'data'; open('made', 'w').write('x')", "passed"],
    ["temporary files", PYTHON, "import tempfile; tempfile.TemporaryFile().write(b'x')", "passed"],
    ["the imports of test runners", PYTHON, "import unittest, subprocess, socket, ctypes, asyncio, multiprocessing", "passed"],
    ["a failing assertion", PYTHON, "assert 1 == 2", "failed"],
    ["reading and writing in the copy", NODE, "const fs = require('fs'); fs.writeFileSync('made', fs.readFileSync('data.txt'))", "passed"],
    ["temporary folders", NODE, "const os = require('os'); require('fs').mkdtempSync(os.tmpdir() + '/x-')", "passed"],
    ["a thrown error", NODE, "throw new Error('no')", "failed"],
  ];
  for (const [claim, command, program, outcome] of harmless) {
    it(`says ${outcome} for ${claim} (${command})`, async () => {
      const result = await run(command, program);
      assert.equal(result.outcome, outcome, result.output);
      assert.equal(result.isGuarded, true);
      assert.deepEqual(readdirSync(repository), ["data.txt"]);
    });
  }

  const hostile: [claim: string, command: string, program: string, outcome: SandboxOutcome][] = [
    ["an endless loop", PYTHON, "while True: pass", "timeout"],
    ["a fork bomb", PYTHON, "import os\nwhile True: os.fork()", "failed"],
    ["a gigabyte of output", PYTHON, "while True: print('x' * 100000)", "tooMuchOutput"],
    ["two gigabytes of memory", PYTHON, "x = bytearray(2 << 30)", "failed"],
    ["a file without end", PYTHON, "f = open('big', 'wb')\nwhile True: f.write(b'x' * 100000)", "failed"],
    ["writing outside", PYTHON, "open(OUTSIDE + '/made', 'w')", "failed"],
    ["writing outside through a link", PYTHON, "import os; os.symlink(OUTSIDE, 'link'); open('link/made', 'w')", "failed"],
    ["deleting a tree outside", PYTHON, "import shutil; shutil.rmtree(OUTSIDE)", "failed"],
    ["moving a file away", PYTHON, "import os; os.rename(OUTSIDE + '/kept.txt', 'mine')", "failed"],
    ["the shell", PYTHON, "import subprocess; subprocess.run(['touch', OUTSIDE + '/made'])", "failed"],
    ["the network", PYTHON, "import socket; socket.create_connection(('127.0.0.1', 9))", "failed"],
    ["killing its parent", PYTHON, "import os; os.kill(os.getppid(), 9)", "failed"],
    ["an endless loop", NODE, "for (;;) {}", "timeout"],
    ["a fork bomb", NODE, "for (;;) require('child_process').fork(__filename)", "failed"],
    ["a gigabyte of output", NODE, "for (;;) require('fs').writeSync(1, 'x'.repeat(100000))", "tooMuchOutput"],
    ["memory without end", NODE, "const all = []; for (;;) all.push(Buffer.alloc(1 << 26, 1))", "failed"],
    ["a file without end", NODE, "const f = require('fs').openSync('big', 'w'); for (;;) require('fs').writeSync(f, 'x'.repeat(100000))", "failed"],
    ["writing outside", NODE, "require('fs').writeFileSync(OUTSIDE + '/made', 'x')", "failed"],
    ["writing outside by descriptor", NODE, "require('fs').openSync(OUTSIDE + '/made', 'w')", "failed"],
    ["writing outside by promise", NODE, "require('fs').promises.writeFile(OUTSIDE + '/made', 'x')", "failed"],
    ["writing outside through a link", NODE, "const f = require('fs'); f.symlinkSync(OUTSIDE, 'link'); f.writeFileSync('link/made', 'x')", "failed"],
    ["deleting a tree outside", NODE, "require('fs').rmSync(OUTSIDE, { recursive: true })", "failed"],
    ["moving a file away", NODE, "require('fs').renameSync(OUTSIDE + '/kept.txt', 'mine')", "failed"],
    ["the shell", NODE, "require('child_process').execSync('touch ' + OUTSIDE + '/made')", "failed"],
    ["the network", NODE, "require('net').connect(9, '127.0.0.1')", "failed"],
    ["killing its parent", NODE, "process.kill(process.ppid)", "failed"],
  ];
  for (const [claim, command, program, outcome] of hostile) {
    it(`counts ${claim} as ${outcome}, and nothing outside has changed (${command})`, async () => {
      const result = await run(command, program, outcome === "timeout" ? 3000 : LIMITS.timeoutMs);
      assert.equal(result.outcome, outcome, result.output);
      if (outcome === "failed") assert.match(result.output, REFUSED);
      assert.deepEqual([readdirSync(outside), readdirSync(repository)], [["kept.txt"], ["data.txt"]]);
    });
  }

  it("lets npm start what it runs, and guards that", async () => {
    writeFileSync(path.join(repository, "package.json"), JSON.stringify({ scripts: { test: "node ok.js" } }));
    writeFileSync(path.join(repository, "ok.js"), "");
    const ok = await new CommandSandbox(repository, "npm test").run({}, LIMITS);
    assert.deepEqual([ok.outcome, ok.isGuarded], ["passed", true], ok.output);
    const bad = `require("fs").writeFileSync(${JSON.stringify(path.join(outside, "made"))}, "x")`;
    assert.equal((await new CommandSandbox(repository, "npm test").run({ "ok.js": bad }, LIMITS)).outcome, "failed");
    assert.deepEqual(readdirSync(outside), ["kept.txt"]);
  });

  it("tells when no interpreter was guarded", async () => {
    assert.equal((await new CommandSandbox(repository, "true").run({}, LIMITS)).isGuarded, false);
    assert.equal((await new CommandSandbox(repository, "python3 -I -c pass").run({}, LIMITS)).isGuarded, false);
  });

  it("links installed packages instead of copying them, and leaves nothing behind", async () => {
    mkdirSync(path.join(outside, "node_modules"));
    symlinkSync(path.join(outside, "node_modules"), path.join(repository, "node_modules"));
    mkdirSync(path.join(repository, ".git"));
    const leftovers = (): number => readdirSync(os.tmpdir()).filter((name) => name.startsWith("lacuna-holes-")).length;
    const before = leftovers();
    const isThere = "const { existsSync, lstatSync } = require('fs'); if (existsSync('.git') || !lstatSync('node_modules').isSymbolicLink()) throw 1";
    assert.equal((await run(NODE, isThere)).outcome, "passed");
    assert.equal(leftovers(), before);
    assert.ok(existsSync(repository));
  });
});
