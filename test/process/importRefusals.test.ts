import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ggufOf, writeGguf } from "../unit/convert/ggufWriter.js";
import { CLI_PATH } from "./runCli.js";

const LLAMA = path.resolve("test/parity/fixtures/llama");
/** Longer than an import of the fixture takes; a hang is ended. */
const LIMIT_MS = 30_000;

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Largest file that may be written, in blocks: 0 refuses each byte, as a full disk does. */
  readonly fileBlocks?: number;
}

describe("lacuna import where the system refuses", function () {
  this.timeout(2 * LIMIT_MS);
  let folder: string;
  let file: string;
  before(function () {
    if (process.platform === "win32") this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "lacuna-import-"));
    file = path.join(folder, "model.gguf");
    writeGguf(file, ggufOf(LLAMA));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const importing = (args: readonly string[], { env = {}, fileBlocks }: Options = {}): { status: number | null; stderr: string } => {
    const limit = fileBlocks === undefined ? "" : `ulimit -f ${fileBlocks}; `;
    const command = `${limit}exec "$@"`;
    return spawnSync("sh", ["-c", command, "sh", process.execPath, CLI_PATH, "import", ...args], {
      env: { ...process.env, NO_COLOR: "1", ...env },
      encoding: "utf8",
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
  };

  it("does not wait for a pipe, and does not take a device for a folder", () => {
    const [pipe, checkpoint] = [path.join(folder, "pipe"), path.join(folder, "checkpoint")];
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    for (const source of [pipe, "/dev/zero"]) {
      const { status, stderr } = importing([source, "--out", path.join(folder, "out")]);
      assert.equal(status, 1, stderr);
      assert.match(stderr, /is neither a file nor a folder: /);
    }
    mkdirSync(checkpoint);
    for (const name of ["config.json", "tokenizer.json"]) copyFileSync(path.join(LLAMA, name), path.join(checkpoint, name));
    assert.equal(spawnSync("mkfifo", [path.join(checkpoint, "model.safetensors")]).status, 0);
    const { status, stderr } = importing([checkpoint, "--out", path.join(folder, "out")]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /lacks the file model\.safetensors, or it cannot be read/);
  });

  it("writes into no folder whose manifest is a pipe, removes nothing of a person's own, and says of a model that it is no reader", () => {
    const out = path.join(folder, "out");
    mkdirSync(out);
    assert.equal(spawnSync("mkfifo", [path.join(out, "manifest.json")]).status, 0);
    const taken = importing([file, "--out", out]);
    assert.deepEqual([taken.status, /manifest\.json is there already, and is no file/.test(taken.stderr)], [1, true], taken.stderr);
    for (const name of ["verifier.unfinished", "verifier.earlier"]) {
      const mine = path.join(folder, name, name, "mine");
      mkdirSync(path.dirname(mine), { recursive: true });
      writeFileSync(mine, "precious");
      const kept = importing([file, "--out", path.join(folder, name)]);
      assert.deepEqual([kept.status, existsSync(mine), /is no model of Lacuna's/.test(kept.stderr)], [1, true, true], kept.stderr);
    }
    const reader = importing([file, "--role", "reader", "--out", path.join(folder, "other")]);
    assert.deepEqual([reader.status, /is no reader.*\n.*Leave --role out/.test(reader.stderr)], [1, true], reader.stderr);
  });

  it("takes the answers of --prompt from a pipe", () => {
    const pipe = path.join(folder, "pipe");
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    const out = path.join(folder, "out");
    const both = `printf '{' > "$0" & exec "$@"`;
    const args = [pipe, process.execPath, CLI_PATH, "import", file, "--out", out, "--prompt", pipe];
    const { status, stderr } = spawnSync("sh", ["-c", both, ...args], { encoding: "utf8", timeout: LIMIT_MS, killSignal: "SIGKILL" });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /has a lacuna\.json that/);
  });

  it("names the file and TMPDIR where there is no room for temporary files, and leaves no lock", () => {
    const [temporary, out] = [path.join(folder, "temporary"), path.join(folder, "out")];
    mkdirSync(temporary);
    const full = importing([file, "--out", out], { env: { TMPDIR: temporary }, fileBlocks: 0 });
    assert.equal(full.status, 1, full.stderr);
    assert.match(full.stderr, /temporary\/lacuna-import-\w+\.lock cannot be written: /);
    assert.match(full.stderr, /TMPDIR/);
    assert.deepEqual(readdirSync(temporary), []);
    const missing = importing([file, "--out", out], { env: { TMPDIR: path.join(folder, "missing") } });
    assert.equal(missing.status, 1, missing.stderr);
    assert.match(missing.stderr, /missing\/lacuna-import-\w+\.lock cannot be used: it does not exist\.\n.*TMPDIR/);
    assert.equal(importing([file, "--out", out], { env: { TMPDIR: temporary } }).status, 0);
  });

  it("says in words what is wrong with the place, and not how the system calls it", () => {
    for (const [out, sentence] of [
      [path.join(file, "out"), /a part of its path is a file, not a folder/],
      ["/proc/x/y", /cannot be used: /],
    ] as const) {
      const { status, stderr } = importing([file, "--out", out]);
      assert.equal(status, 1, stderr);
      assert.match(stderr, sentence);
      assert.doesNotMatch(stderr, /E[A-Z]{4,}|mkdir|unlink/);
    }
  });
});
