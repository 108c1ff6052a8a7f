import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readNetwork } from "../../src/convert/sources/huggingFace/readNetwork.js";
import { lockOf } from "../../src/cli/import.js";
import { takeWorkLock } from "../../src/models/workLock.js";
import { tensorShapes } from "../../src/convert/sources/network.js";
import { ggufOf, writeGguf } from "../unit/convert/ggufWriter.js";
import { CLI_PATH, lastJson, runCli, startCli } from "./runCli.js";

const FIXTURES = path.resolve("test/parity/fixtures");
const FAMILIES = ["tiny", "llama", "qwen3"];
/** An import holds portions of the weights, never all of them. */
const MOST_MEMORY_BYTES = 400e6;

/** A checkpoint of 200 million weights, all zeros, of which only the header is really on the disk. */
function writeLargeCheckpoint(folder: string): void {
  const config = {
    ...(JSON.parse(readFileSync(path.join(FIXTURES, "llama/config.json"), "utf8")) as Record<string, unknown>),
    hidden_size: 1024,
    num_hidden_layers: 1,
    intermediate_size: 65_536,
  };
  mkdirSync(folder);
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
  copyFileSync(path.join(FIXTURES, "llama/tokenizer.json"), path.join(folder, "tokenizer.json"));
  let offset = 0;
  const entries = [...tensorShapes(readNetwork(config))].map(([name, [rows, columns]]) => {
    const from = offset;
    offset += rows * columns * 2;
    return [name, { dtype: "BF16", shape: rows === 1 ? [columns] : [rows, columns], data_offsets: [from, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path.join(folder, "model.safetensors"), "w");
  writeSync(file, Buffer.concat([length, header]));
  ftruncateSync(file, 8 + header.length + offset);
  closeSync(file);
}

/** Bytes of memory that a running process had at most, where the system says so. */
function peakMemory(pid: number): number {
  const [, kilobytes = "0"] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

describe("lacuna import", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-import-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const family of FAMILIES) {
    it(`makes of a GGUF file of ${family} a verifier that completes code without a diffuser`, async () => {
      const [file, out] = [path.join(folder, "model.gguf"), path.join(folder, "models")];
      writeGguf(file, ggufOf(path.join(FIXTURES, family)));
      const imported = await runCli(["import", file, "--out", out, "--json"]);
      assert.equal(imported.code, 0, imported.stderr);
      assert.equal(lastJson<{ model: { role: string } }>(imported).model.role, "verifier");
      writeFileSync(path.join(folder, "a.py"), "def area(width, height):\n    return \n");
      const completed = await runCli([
        "complete",
        path.join(folder, "a.py"),
        "--at",
        "2:12",
        "--max-tokens",
        "8",
        "--models",
        out,
        "--device",
        "cpu",
        "--json",
      ]);
      assert.equal(completed.code, 0, completed.stderr);
      assert.equal(typeof lastJson<{ text: string }>(completed).text, "string");
    });
  }

  it("brings the reader that comes with Lacuna for these weights, and for no others", async () => {
    // A program of its own, with a folder of models beside it.
    const dist = path.join(folder, "dist");
    mkdirSync(dist);
    copyFileSync(CLI_PATH, path.join(dist, "cli.js"));
    cpSync(path.join(FIXTURES, "reader-llama"), path.join(folder, "models/readers/llama"), { recursive: true });
    const rolesOf = (family: string): unknown => {
      const out = path.join(folder, family);
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [path.join(dist, "cli.js"), "--json", "import", path.join(FIXTURES, family), "--out", out],
        { encoding: "utf8" },
      );
      assert.equal(status, 0, stderr);
      return lastJson<{ roles: string[] }>({ stdout, stderr, code: status, ms: 0 }).roles;
    };
    assert.deepEqual(rolesOf("llama"), ["verifier", "reader"]);
    assert.deepEqual(rolesOf("qwen3"), ["verifier"]);
  });

  for (const [end, signal, exitCode] of [
    ["Ctrl-C", "SIGINT", 130],
    ["a request to end", "SIGTERM", 143],
    ["the closing of its terminal", "SIGHUP", 129],
  ] as const) {
    it(`is ended by ${end} within a second, leaves nothing, and needed little memory until then`, async function () {
      if (process.platform !== "linux") this.skip();
      const [source, out] = [path.join(folder, "large"), path.join(folder, "models")];
      writeLargeCheckpoint(source);
      const child = startCli(["import", source, "--out", out, "--weights", "fp32"]);
      child.stdin.end();
      const data = path.join(out, "verifier.unfinished", "model.onnx.data");
      while (!existsSync(data)) await delay(20);
      await delay(300);
      assert.ok(peakMemory(child.pid as number) < MOST_MEMORY_BYTES);
      child.kill(signal);
      const start = performance.now();
      const [code] = (await once(child, "close")) as [number | null];
      assert.equal(code, exitCode);
      assert.ok(performance.now() - start < 5000);
      assert.deepEqual(readdirSync(folder), ["large"]);
      assert.ok(!existsSync(lockOf(out)));
    });
  }

  it("installs a model where it is not told another place", async () => {
    const file = path.join(folder, "small.gguf");
    writeGguf(file, ggufOf(path.join(FIXTURES, "llama")));
    const child = spawnSync(process.execPath, [CLI_PATH, "import", file], { env: { ...process.env, LACUNA_DATA: folder }, encoding: "utf8" });
    assert.equal(child.status, 0, child.stderr);
    assert.ok(existsSync(path.join(folder, "models/small/manifest.json")));
  });

  it("writes nothing into a folder that another process writes into, and does once that is done", async () => {
    const [file, out] = [path.join(folder, "model.gguf"), path.join(folder, "models")];
    writeGguf(file, ggufOf(path.join(FIXTURES, FAMILIES[0])));
    symlinkSync(path.dirname(out), path.join(folder, "linked"), "junction");
    const lock = await takeWorkLock(lockOf(path.join(folder, "linked", path.basename(out))), "importing");
    const refused = await runCli(["import", file, "--out", out, "--json"]);
    assert.equal(lastJson<{ error: { code: string } }>(refused).error.code, "downloadBusy");
    assert.match(refused.stderr, /is importing into .*models already\.\sWait until it is done, or end it\./);
    assert.ok(!existsSync(out));
    await lock.release();
    assert.equal((await runCli(["import", file, "--out", out])).code, 0);
    assert.ok(!existsSync(lockOf(out)));
  });

  it("of a model that does not say how it fills in the middle takes the answer from a file", async () => {
    const source = path.join(folder, "source");
    mkdirSync(source);
    for (const name of ["config.json", "model.safetensors"]) copyFileSync(path.join(FIXTURES, "llama", name), path.join(source, name));
    const tokenizer = readFileSync(path.join(FIXTURES, "llama/tokenizer.json"), "utf8")
      .replaceAll("<|fim_", "<|hole_")
      .replaceAll("<|mask|>", "<|other|>");
    writeFileSync(path.join(source, "tokenizer.json"), tokenizer);
    const out = path.join(folder, "models");
    const refused = await runCli(["import", source, "--out", out, "--json"]);
    const { error } = lastJson<{ error: { code: string; remedy: string } }>(refused);
    assert.equal(error.code, "checkpointUnusable");
    assert.match(error.remedy, /lacuna\.json/);
    const prompt = path.join(folder, "prompt.json");
    const format = { order: "prefixFirst", prefix: ["<|hole_prefix|>"], suffix: ["<|hole_suffix|>"], middle: ["<|hole_middle|>"] };
    writeFileSync(prompt, JSON.stringify({ promptFormat: format, ends: ["<|endoftext|>"] }));
    const imported = await runCli(["import", source, "--out", out, "--prompt", prompt, "--json"]);
    assert.deepEqual(lastJson<{ model: { prompt: { middle: number[] } } }>(imported).model.prompt.middle, [2]);
  });
});
