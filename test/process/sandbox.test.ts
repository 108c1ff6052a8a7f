import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DEFAULT_LIMITS, Sandbox, type SandboxOutcome } from "../../bench/library/sandbox.js";

describe("the sandbox", function () {
  this.timeout(20_000);
  let outside = "";

  beforeEach(() => {
    outside = mkdtempSync(path.join(os.tmpdir(), "lacuna-outside-"));
    writeFileSync(path.join(outside, "kept.txt"), "kept");
  });

  afterEach(() => rmSync(outside, { recursive: true, force: true }));

  const harmless: [name: string, program: string, outcome: SandboxOutcome][] = [
    ["a program that ends", "assert sorted([2, 1]) == [1, 2]", "passed"],
    ["the imports of real tests", "import math, re, random, hashlib, collections, itertools, copy, typing, string, functools, heapq", "passed"],
    ["writing where it stands", "open('here.txt', 'w').write('x'); assert open('here.txt').read() == 'x'", "passed"],
    ["a failing assertion", "assert 1 == 2", "failed"],
    ["a syntax error", "def (", "failed"],
    ["ending early with another code", "import sys; sys.exit(3)", "failed"],
  ];
  for (const [name, program, outcome] of harmless) {
    it(`says ${outcome} for ${name}`, async () => assert.equal(await new Sandbox().run(program), outcome));
  }

  const hostile: [name: string, program: string, outcomes: SandboxOutcome[]][] = [
    ["an endless loop", "while True: pass", ["timeout"]],
    ["sleeping for ever", "import time; time.sleep(1000)", ["timeout"]],
    ["a fork bomb", "import os\nwhile True: os.fork()", ["failed"]],
    ["processes by the shell", "import os; os.system('touch ' + OUTSIDE + '/made')", ["failed"]],
    ["processes by subprocess", "import subprocess; subprocess.run(['touch', OUTSIDE + '/made'])", ["failed"]],
    ["processes by the module under subprocess", "import _posixsubprocess", ["failed"]],
    ["processes by multiprocessing", "import multiprocessing; multiprocessing.Process(target=print).start()", ["failed"]],
    ["a gigabyte of output", "while True: print('x' * 100000)", ["tooMuchOutput"]],
    ["a gigabyte of memory and more", "x = bytearray(3 << 30)", ["failed"]],
    ["a file without end", "f = open('big', 'wb')\nwhile True: f.write(b'x' * 100000)", ["failed"]],
    ["writing outside", "open(OUTSIDE + '/made', 'w')", ["failed"]],
    ["writing outside by descriptor", "import os; os.open(OUTSIDE + '/made', os.O_CREAT | os.O_WRONLY)", ["failed"]],
    ["writing outside by a path with dots", "open('../' * 20 + OUTSIDE + '/made', 'w')", ["failed"]],
    ["writing outside through a link", "import os; os.symlink(OUTSIDE, 'link'); open('link/made', 'w')", ["failed"]],
    ["deleting outside", "import os; os.remove(OUTSIDE + '/kept.txt')", ["failed"]],
    ["deleting a tree outside", "import shutil; shutil.rmtree(OUTSIDE)", ["failed"]],
    ["moving a file away", "import os; os.rename(OUTSIDE + '/kept.txt', 'mine')", ["failed"]],
    ["the network", "import socket; socket.create_connection(('127.0.0.1', 80))", ["failed"]],
    ["native code", "import ctypes; ctypes.CDLL(None).system(b'true')", ["failed"]],
    ["killing its parent", "import os; os.kill(os.getppid(), 9)", ["failed"]],
    ["ending in triumph before the test", "import os; os._exit(0)", ["failed"]],
  ];
  for (const [name, program, outcomes] of hostile) {
    it(`counts ${name} as not passed, and nothing outside has changed`, async () => {
      const outcome = await new Sandbox("python3", { ...DEFAULT_LIMITS, timeoutMs: 1500 }).run(`OUTSIDE = ${JSON.stringify(outside)}\n${program}`);
      assert.ok(outcomes.includes(outcome), outcome);
      assert.deepEqual(readdirSync(outside), ["kept.txt"]);
    });
  }

  it("leaves no directory behind", async () => {
    const leftovers = (): string[] => readdirSync(os.tmpdir()).filter((name) => name.startsWith("lacuna-sandbox-"));
    const before = leftovers().length;
    await new Sandbox().run("open('a', 'w')");
    assert.equal(leftovers().length, before);
    assert.ok(existsSync(outside));
  });

  it("fails loudly when there is no Python", async () => {
    await assert.rejects(new Sandbox("no-such-python").run("pass"), /ENOENT/);
  });
});
